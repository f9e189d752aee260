"""A prepared data set on disk: finding it, reading its description, checks."""
