"""HTML pages: templates and pictures."""
