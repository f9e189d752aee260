"""Weights of other projects: their files, names, shapes and orders."""
