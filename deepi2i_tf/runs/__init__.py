"""The run directory: every file of a run, written and read here."""
