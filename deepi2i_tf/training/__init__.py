"""Training: a run from its configuration to its last step."""
