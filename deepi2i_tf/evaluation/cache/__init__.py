"""Unfinished work of an evaluation, kept on disk."""
