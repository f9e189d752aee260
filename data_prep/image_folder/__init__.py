"""Image folders: the pictures you have, a folder per class."""
