import io

import numpy as np
import pytest
from PIL import Image, ImageColor

from deepi2i_tf.reporting.plots.confusion import draw_confusion
from deepi2i_tf.reporting.plots.themes import DARK, LIGHT

WHITE = np.array([255, 255, 255])


def _pixels(png):
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB")).astype(int)


def _names(count):
    return [f"class $ {n} \u732b of a long name" for n in range(count)]


def _map_of(pixels):
    """The map's own square, from the frame that is drawn around it."""
    inked = (pixels < 250).any(axis=-1)
    rows = np.flatnonzero(inked.mean(axis=1) > 0.4)
    columns = np.flatnonzero(inked.mean(axis=0) > 0.4)
    side = rows[-1] - rows[0]
    top, left = rows[0], columns[0]
    return pixels[top : top + side + 1, left : left + side + 1]


def test_rows_are_wanted_and_columns_seen():
    confusion = np.array([[10, 0, 0], [10, 0, 0], [0, 0, 10]])
    drawn = _map_of(_pixels(draw_confusion(confusion, _names(3), LIGHT)))
    side = len(drawn)
    at = [round(side * (n + 0.5) / 3) for n in range(3)]
    dark = [[bool(drawn[r, c].sum() < 200) for c in at] for r in at]
    assert dark == [
        [True, False, False],
        [True, False, False],
        [False, False, True],
    ]


def test_one_per_cent_is_to_be_seen():
    confusion = np.array([[99, 1], [0, 100]])
    drawn = _map_of(_pixels(draw_confusion(confusion, _names(2), LIGHT)))
    quarter = len(drawn) // 4
    assert (WHITE - drawn[quarter, 3 * quarter]).max() > 40
    assert (WHITE - drawn[3 * quarter, quarter]).max() < 3


@pytest.mark.parametrize("count, cell", [(2, 500), (41, 24), (555, 2)])
def test_no_class_is_lost(count, cell):
    # Without names, so that nothing but the diagonal is dark.
    png = draw_confusion(np.eye(count, dtype=int), [""] * count, LIGHT)
    dark = _map_of(_pixels(png)).sum(axis=-1) < 200
    assert dark.any(axis=0).sum() == dark.any(axis=1).sum() == cell * count
    assert dark.sum() == cell * cell * count


def test_a_class_that_nobody_asked_for_is_an_empty_row():
    confusion = np.array([[0, 0], [5, 5]])
    pixels = _pixels(draw_confusion(confusion, _names(2), DARK))
    surface = np.array(ImageColor.getrgb(DARK.surface))
    height, width = pixels.shape[:2]
    assert (np.abs(pixels[5, width // 2] - surface) < 4).all()
    assert height > 1000
