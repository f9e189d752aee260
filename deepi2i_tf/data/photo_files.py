"""Reads the photos that a user wants translated.

Reading is done with Pillow rather than in the exported graph: it reads more
formats, and its errors tell what is wrong with a file. What comes out is what
the graph makes of the same file.
"""

import io
import math
import os
import warnings
from collections.abc import Sequence

import numpy as np
from PIL import Image

from deepi2i_tf.utils.decoded_photo import read_square
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit
from deepi2i_tf.utils.image_geometry import fit_square
from deepi2i_tf.utils.picture_files import FORMATS, unread_format


def read_photos(
    paths: Sequence[str | os.PathLike], resolution: int, fit: Fit = CROP
) -> np.ndarray:
    """Reads photos and fits them into squares.

    Args:
        paths: files in any format and mode that Pillow reads.
        resolution: side R of the result, in pixels.
        fit: the way.

    Returns:
        uint8, (len(paths), R, R, 3), in 0..255.

    Raises:
        UserError: a file cannot be read; the first one is named, and how many
            more there are.
    """
    photos, failures = [], []
    for path in paths:
        try:
            photos.append(_read_photo(path, resolution, fit))
        except Exception as error:  # Pillow's decoders raise nearly anything
            failures.append((path, error))
    if failures:
        path, error = failures[0]
        more = f" ({len(failures) - 1} more like it)" * (len(failures) > 1)
        raise UserError(
            f"Expected a photo in {path}{more}. Received: "
            f"{_reason(_head(path), error)}. Repair it or take it away."
        ) from error
    return np.stack(photos)


def decode_photo(
    encoded: bytes,
    resolution: int,
    fit: Fit = CROP,
    max_pixels: float = math.inf,
) -> np.ndarray:
    """Reads a photo from memory and fits it into a square.

    Args:
        encoded: contents of a file in any format and mode that Pillow reads.
        resolution: side R of the result, in pixels.
        fit: the way.
        max_pixels: width times height; looked at before pixels are decoded.

    Returns:
        uint8, (R, R, 3), in 0..255.

    Raises:
        UserError: it cannot be read.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(encoded), formats=FORMATS) as file:
                width, height = file.size
                if width * height > max_pixels:
                    raise ValueError(
                        f"{width} x {height} pixels, more than "
                        f"{max_pixels / 1e6:g} million"
                    )
                return read_square(file, (0, 0, *file.size), resolution, fit)
    except Exception as error:  # Pillow's decoders raise nearly anything
        raise UserError(
            f"Expected a photo. Received: {_reason(encoded[:12], error)}. "
            "Choose another."
        ) from error


def _read_photo(path: str, resolution: int, fit: Fit) -> np.ndarray:
    with warnings.catch_warnings():
        # Pillow warns from 89 megapixels on, which cameras reach; from 179 on
        # it raises, which is a refusal here.
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as file:
            return read_square(file, (0, 0, *file.size), resolution, fit)


def _head(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(12)


def _reason(head: bytes, error: Exception) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        if not head:
            return "an empty file"
        return unread_format(head) or "a file that is no picture"
    return " ".join(str(error).split()) or type(error).__name__


def fit_pixels(pixels: np.ndarray, resolution: int, fit: Fit) -> np.ndarray:
    """Fits pixels of any size into a square, as `read_photos` does a file's.

    Args:
        pixels: uint8, (height, width, 3).
        resolution: side R of the result, in pixels.
        fit: the way.

    Returns:
        uint8, (R, R, 3).

    Raises:
        UserError: they are something else.
    """
    pixels = np.asarray(pixels)
    is_picture = pixels.ndim == 3 and pixels.shape[-1] == 3 and pixels.size
    if pixels.dtype != np.uint8 or not is_picture:
        raise UserError(
            "Expected a picture as uint8 of (height, width, 3). Received: "
            f"{pixels.dtype} of {pixels.shape}. Convert it, or give the path "
            "of a file."
        )
    return fit_square(pixels, resolution, fit)
