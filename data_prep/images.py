"""Any picture file to a square uint8 array, or the reason why not.

Photo collections hold photos lying on their side (EXIF), CMYK from print
shops, 16-bit scans, palettes with holes, and files that are no pictures at
all. The first four are read right; the last are refused, each with a reason
that goes into `refused.tsv`.
"""

import os
import pathlib
import warnings

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from data_prep.errors import Refusal

# Formats that Pillow decodes by itself; others (EPS) start foreign programs.
FORMATS = (
    "JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "PPM", "JPEG2000",
)  # fmt: skip
# Without this Pillow knows only the commonest of them.
Image.init()
SMALLEST_SIDE = 8
# Of a box that annotators drew across the edge, this much must be photo.
LEAST_INSIDE = 0.9
Box = tuple[float, float, float, float]
LARGEST_RATIO = 32


def read_picture(
    path: pathlib.Path, resolution: int, box: Box | None = None
) -> np.ndarray:
    """Reads, turns upright, crops and resizes a picture.

    The centre square of the short side is kept and resized by an antialiased
    bicubic filter. Holes are filled with white.

    Args:
        path: of the file; its name's ending is not looked at.
        resolution: height and width of the result.
        box: left, top, right, bottom of the part that is meant, in pixels of
            the file as it is stored, before EXIF turns it; None takes all.

    Returns:
        uint8 (resolution, resolution, 3), RGB.

    Raises:
        Refusal: with the reason, a few words.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            if not os.path.getsize(path):
                raise Refusal("zero bytes")
            with Image.open(path, formats=FORMATS) as image:
                _check_size(*image.size)
                image.load()
                part = image if box is None else _cut_out(image, box)
                return _to_square(_to_rgb(_upright(part)), resolution)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            limit = Image.MAX_IMAGE_PIXELS // 10**6
            raise Refusal(
                f"decompression bomb: more than {limit} million pixels"
            ) from None
        except UnidentifiedImageError:
            raise Refusal("not an image of a known format") from None
        except Refusal:
            raise
        # Decoders of damaged files raise whatever they stumble over.
        except Exception as error:
            raise Refusal(f"truncated or damaged: {_one_line(error)}") from None


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _check_size(width: int, height: int) -> None:
    short, long = sorted((width, height))
    if short < SMALLEST_SIDE or long > LARGEST_RATIO * short:
        raise Refusal(f"absurd size: {width} x {height} pixels")


def _cut_out(image: Image.Image, box: Box) -> Image.Image:
    """Crops to a box; what an annotator drew past the edge is cut off."""
    left, top, right, bottom = box
    inside = (
        max(0, round(left)),
        max(0, round(top)),
        min(image.width, round(right)),
        min(image.height, round(bottom)),
    )
    width, height = inside[2] - inside[0], inside[3] - inside[1]
    drawn = (right - left) * (bottom - top)
    if right <= left or bottom <= top:
        raise Refusal(f"box without area: {_told(box)}")
    if min(width, height) <= 0 or width * height < LEAST_INSIDE * drawn:
        raise Refusal(
            f"box outside the photo: {_told(box)} of "
            f"{image.width} x {image.height} pixels"
        )
    _check_size(width, height)
    # What EXIF says of how the photo was held stays with the part.
    return image.crop(inside)


def _told(box: Box) -> str:
    return " ".join(f"{value:g}" for value in box)


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    # A good photo with a broken EXIF block is still a good photo.
    except Exception:
        return image


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits per sample; Pillow's own conversion clips at 255.
        wide = np.asarray(image).astype(np.float64) / 257
        grey = np.clip(np.floor(wide + 0.5), 0, 255).astype(np.uint8)
        return Image.fromarray(grey).convert("RGB")
    if image.mode == "F":
        raise Refusal("floating-point pixels, whose range is unknown")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _to_square(image: Image.Image, resolution: int) -> np.ndarray:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side))
    resized = square.resize((resolution, resolution), Image.Resampling.BICUBIC)
    return np.asarray(resized)
