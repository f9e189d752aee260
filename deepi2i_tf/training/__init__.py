"""Training: where a run lives, what it keeps, and the loop that moves it."""
