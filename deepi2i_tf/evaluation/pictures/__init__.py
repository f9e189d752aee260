"""Which pictures an evaluation keeps for its report."""
