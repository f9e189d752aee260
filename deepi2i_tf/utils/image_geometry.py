"""Image geometry for NumPy and Pillow: fit, resize, colour, range.

The same for raw pictures that `data_prep` stores and for photos that a user
translates. `data/image_geometry` does it inside TensorFlow graphs; a test holds
one against the other: Pillow's resizing rounds twice, TensorFlow's once.
"""

import math

import numpy as np
from PIL import Image

from deepi2i_tf.utils.fit import CROP, Fit


def fit_square(
    image: np.ndarray, resolution: int, fit: Fit = CROP
) -> np.ndarray:
    """Fits an image into a square, bicubic and antialiased.

    Args:
        image: uint8, (height, width, 3), RGB.
        resolution: height and width of the result, in pixels.
        fit: the way.

    Returns:
        uint8, (resolution, resolution, 3), RGB.
    """
    if image.shape[:2] == (resolution, resolution):
        return image
    whole = Image.fromarray(image)
    part = (0, 0, *whole.size)
    return np.asarray(fit_part(whole, part, resolution, fit))


def centre_square(
    left: int, top: int, right: int, bottom: int
) -> tuple[int, int, int]:
    """Left, top and side of the largest square amid a box."""
    width, height = right - left, bottom - top
    side = min(width, height)
    return left + (width - side) // 2, top + (height - side) // 2, side


def fit_part(
    image: Image.Image,
    part: tuple[int, int, int, int],
    resolution: int,
    fit: Fit = CROP,
    scale: float = 1,
) -> Image.Image:
    """Fits a part of an image into a square, bicubic, antialiased, as RGB.

    Args:
        image: of any mode.
        part: left, top, right and bottom, in pixels of an image `scale` times
            larger.
        resolution: height and width of the result, in pixels.
        fit: the way.
        scale: by how much the image was reduced while it was decoded.
    """
    if fit.way == "crop":
        left, top, side = centre_square(*part)
        part = left, top, left + side, top + side
    width, height = part[2] - part[0], part[3] - part[1]
    size = (resolution, resolution)
    if fit.way == "pad":
        longest = max(width, height)
        size = tuple(
            max(1, (2 * side * resolution + longest) // (2 * longest))
            for side in (width, height)
        )
    small = _resized_part(image, (*part[:2], width, height), size, scale)
    if size == (resolution, resolution):
        return small
    square = Image.new("RGB", (resolution, resolution), fit.pad_color)
    corner = tuple((resolution - side) // 2 for side in size)
    square.paste(small, corner)
    return square


def _resized_part(
    image: Image.Image,
    part: tuple[int, int, int, int],
    size: tuple[int, int],
    scale: float,
) -> Image.Image:
    """Cuts out left, top, width and height, and resizes them to a size."""
    left, top, width, height = (value / scale for value in part)
    right, bottom = left + width, top + height
    # Cropped first: resize(box=...) would look at pixels beyond the box.
    cut = math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom)
    piece = to_rgb(image.crop(cut))
    within = (left - cut[0], top - cut[1], right - cut[0], bottom - cut[1])
    return piece.resize(size, Image.Resampling.BICUBIC, within)


def to_rgb(image: Image.Image) -> Image.Image:
    """RGB of 8 bits; 16-bit grey is scaled, transparent parts become white."""
    if image.mode.startswith("I"):
        # Pillow's own conversion clips at 255.
        wide = np.asarray(image).astype(np.int32)
        grey = np.clip((wide + 128) // 257, 0, 255)
        grey[wide == image.info.get("transparency")] = 255
        return Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Maps [-1, 1] to 0..255: `round((x + 1) * 127.5)`, clipped; any shape."""
    scaled = (np.asarray(images, dtype=np.float32) + 1.0) * 127.5
    return np.round(np.clip(scaled, 0.0, 255.0)).astype(np.uint8)


def to_signed(images: np.ndarray) -> np.ndarray:
    """Maps 0..255 to [-1, 1], float32; `to_uint8` undoes it."""
    return images.astype(np.float32) / np.float32(127.5) - np.float32(1.0)
