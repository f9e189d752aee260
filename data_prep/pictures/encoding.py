"""How pictures are stored: PNG, JPEG, or the bare pixels.

Bare pixels take the most room and no decoding at all; PNG is as exact and
small where colours are flat; JPEG is small everywhere and not exact. The
README of this package has the numbers.
"""

import io
from typing import Any

import numpy as np
import tensorflow_datasets as tfds
from PIL import Image

ENCODINGS = ("raw", "png", "jpeg")
# Full colour resolution: translation is judged by colour, too.
_JPEG = {"quality": 95, "subsampling": 0}


def image_feature(encoding: str, resolution: int) -> Any:
    """Returns the TFDS feature of square RGB pictures."""
    shape = (resolution, resolution, 3)
    if encoding == "raw":
        return tfds.features.Tensor(
            shape=shape, dtype=np.uint8, encoding=tfds.features.Encoding.BYTES
        )
    return tfds.features.Image(shape=shape, encoding_format=encoding)


def encode(image: np.ndarray, encoding: str) -> Any:
    """Returns what `image_feature` takes: pixels, or an open file."""
    if encoding == "raw":
        return np.ascontiguousarray(image)
    file = io.BytesIO()
    options = _JPEG if encoding == "jpeg" else {}
    Image.fromarray(image).save(file, encoding, **options)
    file.seek(0)
    return file


def decode(stored: bytes, encoding: str, resolution: int) -> np.ndarray:
    """Returns a stored picture, uint8 (resolution, resolution, 3), RGB."""
    if encoding == "raw":
        pixels = np.frombuffer(stored, np.uint8)
        return pixels.reshape(resolution, resolution, 3)
    return np.asarray(Image.open(io.BytesIO(stored)).convert("RGB"))
