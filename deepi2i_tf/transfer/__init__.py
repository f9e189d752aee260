"""Weights of other projects: their names, shapes and orders."""
