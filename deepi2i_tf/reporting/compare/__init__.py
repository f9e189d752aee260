"""comparison.html: several evaluated runs side by side."""
