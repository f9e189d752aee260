"""Glyphs: characters in the typefaces of a machine."""
