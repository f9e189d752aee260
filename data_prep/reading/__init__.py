"""A prepared folder: its manifest, its records, and what is made from them."""
