"""UECFOOD-256: 256 dishes, boxed on photos."""
