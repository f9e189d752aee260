"""Losses: pure functions, per-example values; the model weighs them."""
