import base64
import io
import re

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.reporting.plots.confusion import draw_confusion
from deepi2i_tf.reporting.plots.figure import publish

WHITE = np.array([255, 255, 255])


def _pixels(figure):
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    with Image.open(stream) as image:
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
    drawn = _map_of(_pixels(draw_confusion(confusion, _names(3))))
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
    drawn = _map_of(_pixels(draw_confusion(confusion, _names(2))))
    quarter = len(drawn) // 4
    assert (WHITE - drawn[quarter, 3 * quarter]).max() > 40
    assert (WHITE - drawn[3 * quarter, quarter]).max() < 3


@pytest.mark.parametrize("count, cell", [(2, 500), (41, 24), (555, 2)])
def test_no_class_is_lost(count, cell):
    # Without names, so that nothing but the diagonal is dark.
    figure = draw_confusion(np.eye(count, dtype=int), [""] * count)
    dark = _map_of(_pixels(figure)).sum(axis=-1) < 200
    assert dark.any(axis=0).sum() == dark.any(axis=1).sum() == cell * count
    assert dark.sum() == cell * cell * count


def test_a_class_that_nobody_asked_for_is_an_empty_row():
    confusion = np.array([[0, 0], [5, 5]])
    drawn = _map_of(_pixels(draw_confusion(confusion, _names(2))))
    quarter = len(drawn) // 4
    assert (drawn[quarter] > 250).mean() > 0.95
    assert (drawn[3 * quarter] < 200).any()


def test_the_svg_holds_a_pixel_for_each_class(tmp_path):
    confusion = np.array([[10, 0, 0], [10, 0, 0], [0, 0, 10]])
    svg = publish(draw_confusion(confusion, _names(3)), str(tmp_path), "c", "")
    content = re.search(r"data:image/png;base64,([^\"]*)\"", svg)[1]
    with Image.open(io.BytesIO(base64.b64decode(content))) as image:
        dark = np.asarray(image.convert("L")) < 100
    rows = dark if dark[2, 2] else dark[::-1]
    assert rows.astype(int).tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
