"""Creatures: drawn animal faces with known species and pose."""
