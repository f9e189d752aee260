"""Photo files that Pillow has opened: the pixels that they mean."""

import numpy as np
from PIL import Image, ImageFile

from deepi2i_tf.utils.fit import CROP, Fit
from deepi2i_tf.utils.image_geometry import fit_part

_ORIENTATION = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_square(
    image: ImageFile.ImageFile,
    part: tuple[int, int, int, int],
    resolution: int,
    fit: Fit = CROP,
    scale: float = 1,
) -> np.ndarray:
    """Decodes a photo, fits a part into a square and turns it upright.

    Args:
        image: as it was opened.
        part: left, top, right and bottom, in pixels of the photo as it is
            stored, before EXIF turns it.
        resolution: height and width of the result.
        fit: the way.
        scale: by how much the photo is reduced while it is decoded.

    Returns:
        uint8, (resolution, resolution, 3), RGB.
    """
    _mend_hole(image)
    image.load()
    small = fit_part(image, part, resolution, fit, scale)
    turn = _TURNS.get(orientation(image))
    return np.asarray(small if turn is None else small.transpose(turn))


def orientation(image: Image.Image) -> int:
    """EXIF's orientation, 1 where none can be read."""
    try:
        return image.getexif().get(_ORIENTATION, 1)
    # A good photo with a broken EXIF block is still a good photo.
    except Exception:
        return 1


def _mend_hole(image: ImageFile.ImageFile) -> None:
    """Says a PNG's transparent colour in the samples that Pillow makes."""
    hole = image.info.get("transparency")
    stored = image.tile[0].args if image.tile else None
    if hole is None or image.format != "PNG":
        return
    if stored == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in hole)
    elif stored in ("L;2", "L;4"):
        image.info["transparency"] = hole * {"L;2": 85, "L;4": 17}[stored]
