"""Metrics: arrays in, numbers out; no files, no networks of ours."""
