"""Measures translations: RC, FC, mFID, mKID, diversity, pose."""
