import numpy as np
import pytest

from data_prep.glyphs.drawing import (
    BASELINE,
    EM,
    FontFace,
    draw_glyph,
    fitting_em,
)
from tests.data_prep.glyphs import fonts


def _ink(image):
    """First and last row and column of what is not white."""
    rows, columns = np.nonzero(image[..., 0] < 128)
    return rows.min(), rows.max(), columns.min(), columns.max()


@pytest.fixture
def boxes(tmp_path):
    made = fonts.builder("Boxes", {"A": (500, 600), "B": (250, 300)})
    return FontFace(fonts.save(made, tmp_path / "boxes.ttf"))


def test_one_em_and_one_baseline_by_hand(boxes):
    em = fitting_em(boxes.open(), "AB")
    assert em == EM
    # 100 px: the em is 80, the baseline at row 78, the advance of 48 in the
    # middle.
    image = draw_glyph(boxes, "A", em, 100)
    assert image.shape == (100, 100, 3) and image.dtype == np.uint8
    assert _ink(image) == (30, 77, 26, 65)
    assert _ink(draw_glyph(boxes, "B", em, 100)) == (54, 77, 26, 45)
    assert image.min() == 0 and image.max() == 255


def test_a_face_that_is_too_large_is_drawn_smaller(tmp_path):
    made = fonts.builder("Wide", {"A": (2000, 600), "B": (250, 300)})
    face = FontFace(fonts.save(made, tmp_path / "wide.ttf"))
    em = fitting_em(face.open(), "AB")
    assert em == pytest.approx((1 - 2 / 32) / 2, abs=0.01)
    first, last, left, right = _ink(draw_glyph(face, "A", em, 64))
    assert 1 <= left <= 3 and 60 <= right <= 62
    # The other letter keeps its size beside it.
    assert last == int(BASELINE * 64) == _ink(draw_glyph(face, "B", em, 64))[1]
    top, bottom, *_ = _ink(draw_glyph(face, "B", em, 64))
    assert bottom - top == pytest.approx((last - first) / 2, abs=1)


@pytest.mark.parametrize("resolution", [32, 64, 300])
def test_sizes_show_the_same_letter(resolution):
    face = FontFace(fonts.SANS)
    em = fitting_em(face.open(), "AW")
    large = draw_glyph(face, "W", em, 256).mean()
    assert draw_glyph(face, "W", em, resolution).mean() == pytest.approx(
        large, abs=1.5
    )
