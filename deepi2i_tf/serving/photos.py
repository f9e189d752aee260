"""Finds and reads the photos that a user wants translated.

Reading is done with Pillow rather than in the exported graph: it turns photos
the way their EXIF tag says, reads more formats and modes, and its errors tell
what is wrong with a file. Geometry and filter are those of the graph.
"""

import os
import warnings

import numpy as np
from PIL import Image, ImageOps

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.image_geometry import (
    FORMATS,
    centre_square,
    cut_and_resize,
)

EXTENSIONS = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".bmp",
    ".webp",
    ".tif",
    ".tiff",
)


def list_photos(path: str) -> list[str]:
    """The photos that a path stands for.

    Args:
        path: a photo, or a folder of photos (its own, not those of folders
            within it).

    Returns:
        Paths, sorted by name; at least one.

    Raises:
        UserError: there is no such path, or no photo in the folder.
    """
    if not os.path.exists(path):
        raise UserError(
            "Expected --input to be a photo or a folder of photos. "
            f"Received: {path}, which does not exist. Check the path."
        )
    if not os.path.isdir(path):
        return [path]
    names = sorted(os.listdir(path))
    photos = [
        os.path.join(path, name)
        for name in names
        if name.lower().endswith(EXTENSIONS) and not name.startswith(".")
    ]
    if photos:
        return photos
    folders = [n for n in names if os.path.isdir(os.path.join(path, n))]
    if folders:
        found = f"only folders ({', '.join(folders[:3])})"
        fix = f"Use for example --input={os.path.join(path, folders[0])}."
    else:
        found = f"{len(names)} other files" if names else "an empty folder"
        fix = f"Use a folder with {', '.join(EXTENSIONS)} files."
    raise UserError(f"Expected photos in {path}. Received: {found}. {fix}")


def read_photos(paths: list[str], resolution: int) -> np.ndarray:
    """Reads photos, cuts out their middle squares and resizes them.

    Args:
        paths: files in any format and mode that Pillow reads.
        resolution: side R of the result, in pixels.

    Returns:
        uint8, (len(paths), R, R, 3), in 0..255.

    Raises:
        UserError: a file cannot be read; the first one is named, and how many
            more there are.
    """
    photos, failures = [], []
    for path in paths:
        try:
            photos.append(_read_photo(path, resolution))
        except Exception as error:  # Pillow's decoders raise nearly anything
            failures.append((path, error))
    if failures:
        path, error = failures[0]
        more = f" ({len(failures) - 1} more like it)" * (len(failures) > 1)
        raise UserError(
            f"Expected a photo in {path}{more}. Received: "
            f"{_reason(path, error)}. Repair it or take it away."
        ) from error
    return np.stack(photos)


def _read_photo(path: str, resolution: int) -> np.ndarray:
    with warnings.catch_warnings():
        # Pillow warns from 89 megapixels on, which cameras reach; from 179 on
        # it raises, which is a refusal here.
        warnings.simplefilter("ignore")
        with Image.open(path, formats=FORMATS) as file:
            file.load()
            image = _upright(file)
    square = centre_square(0, 0, *image.size)
    return np.asarray(cut_and_resize(image, square, resolution))


def _upright(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except Exception:  # a good photo with a broken EXIF block is still good
        return image


def _reason(path: str, error: Exception) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        empty = os.path.getsize(path) == 0
        return "an empty file" if empty else "a file that is no picture"
    return " ".join(str(error).split()) or type(error).__name__
