"""NABirds: 555 kinds of North American birds, boxed on photos."""
