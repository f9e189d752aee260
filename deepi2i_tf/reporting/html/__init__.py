"""HTML pages: elements, images, style."""
