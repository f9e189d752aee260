"""report.html and comparison.html, rendered from files alone."""
