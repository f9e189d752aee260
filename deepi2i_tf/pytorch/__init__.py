"""Conversion from and to the original's PyTorch checkpoints."""
