"""Any picture file to a square uint8 array, or the reason why not.

Photo collections hold photos lying on their side (EXIF), CMYK from print
shops, 16-bit scans, palettes with holes, and files that are no pictures at
all. The first four are read right; the last are refused, each with a reason
that goes into `refused.tsv`.
"""

import logging
import math
import os
import pathlib
import stat
import warnings

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from deepi2i_tf.utils.decoded_photo import orientation, read_square
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit
from deepi2i_tf.utils.picture_files import FORMATS, unread_format

# What it says of a file's oddities is lost among progress bars, and nothing
# here depends on it: what matters is checked below.
warnings.filterwarnings("ignore", module=r"PIL\.")
logging.getLogger("PIL").setLevel(logging.CRITICAL)
SMALLEST_SIDE = 8
LARGEST_RATIO = 32
# Of a box that annotators drew across the edge, this much must be photo.
LEAST_INSIDE = 0.9
Box = tuple[float, float, float, float]
# A JPEG can be decoded at 1/2, 1/4 or 1/8. Where that leaves this many times
# the resolution, the mean error against the full decode was 0.4 of 255 on
# photos with grain, and 0.9 on blocks of random pure colours.
_ROOM_FOR_REDUCING = 8


def read_picture(
    path: pathlib.Path,
    resolution: int,
    box: Box | None = None,
    fit: Fit = CROP,
) -> np.ndarray:
    """Reads a picture, makes it square, resizes it and turns it upright.

    The filter is antialiased and bicubic. Holes are filled with white.

    Args:
        path: of the file; its name's ending is not looked at.
        resolution: height and width of the result.
        box: left, top, right, bottom of the part that is meant, in pixels of
            the file as it is stored, before EXIF turns it; None takes all.
        fit: the way to a square.

    Returns:
        uint8 (resolution, resolution, 3), RGB.

    Raises:
        UserError: with the reason, a few words.
    """
    try:
        _check_file(path)
        with Image.open(path, formats=FORMATS) as image:
            return _read(image, resolution, box, fit)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _bomb() from None
    except UnidentifiedImageError:
        raise UserError(_unknown(path)) from None
    except UserError:
        raise
    # Decoders of damaged files raise whatever they stumble over.
    except Exception as error:
        if isinstance(error, OSError) and error.strerror:
            raise UserError(f"cannot be opened: {error.strerror}") from None
        raise UserError(f"truncated or damaged: {_one_line(error)}") from None


def _check_file(path: pathlib.Path) -> None:
    # Before it is opened: opening a FIFO waits for ever.
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise UserError("not a regular file")
    if not status.st_size:
        raise UserError("zero bytes")


def _unknown(path: pathlib.Path) -> str:
    with open(path, "rb") as file:
        return unread_format(file.read(12)) or "not an image of a known format"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _bomb() -> UserError:
    limit = Image.MAX_IMAGE_PIXELS // 10**6
    return UserError(f"decompression bomb: more than {limit} million pixels")


def _read(
    image: ImageFile.ImageFile, resolution: int, box: Box | None, fit: Fit
) -> np.ndarray:
    if image.width * image.height > Image.MAX_IMAGE_PIXELS:
        raise _bomb()
    _check_size(*image.size)
    if image.mode == "F" or (image.mode, image.format) == ("I", "TIFF"):
        kind = "floating-point" if image.mode == "F" else "32-bit"
        raise UserError(f"{kind} pixels, whose range is unknown")
    part = (0, 0, *image.size) if box is None else _inside(image, box)
    sides = part[2] - part[0], part[3] - part[1]
    side = max(sides) if fit.way == "pad" else min(sides)
    scale = _reduce(image, side, resolution)
    return read_square(image, part, resolution, fit, scale)


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if short < SMALLEST_SIDE or long > LARGEST_RATIO * short:
        raise UserError(f"absurd size: {width} x {height} pixels")


def _inside(image: ImageFile.ImageFile, box: Box) -> tuple[int, ...]:
    """What of a box is photo; annotators draw past the edge."""
    left, top, right, bottom = box
    message = " ".join(f"{value:g}" for value in box)
    drawn = (right - left) * (bottom - top)
    if not (right > left and bottom > top and drawn < math.inf):
        raise UserError(f"box without area: {message}")
    left, top = max(0, left), max(0, top)
    right, bottom = min(image.width, right), min(image.height, bottom)
    width, height = max(0, right - left), max(0, bottom - top)
    if width * height < LEAST_INSIDE * drawn:
        raise UserError(
            f"box outside the photo: {message} of {image.width} x "
            f"{image.height} pixels"
        )
    if image.format == "TIFF" and orientation(image) != 1:
        # Pillow turns these while it decodes, and the box would not follow.
        raise UserError("box in a TIFF that is stored turned")
    part = round(left), round(top), round(right), round(bottom)
    _check_size(part[2] - part[0], part[3] - part[1])
    return part


def _reduce(image: ImageFile.ImageFile, side: int, resolution: int) -> float:
    """Has a large JPEG decoded at a fraction; returns how much smaller."""
    room = side // (_ROOM_FOR_REDUCING * resolution)
    if room < 2:
        return 1
    full = image.size
    drafted = image.draft(None, (full[0] // room, full[1] // room))
    return full[0] / drafted[1][2] if drafted else 1
