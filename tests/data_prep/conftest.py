import pathlib
import tempfile

import pytest
from PIL import Image, ImageDraw


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory, monkeypatch):
    """TFDS leaves empty temporary folders behind; here, in pytest's."""
    folder = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))


@pytest.fixture
def draw_photos():
    """Returns a function that draws a folder of pictures per class."""

    def draw(root: pathlib.Path, **counts: int) -> pathlib.Path:
        for row, (name, count) in enumerate(counts.items()):
            (root / name).mkdir(parents=True, exist_ok=True)
            for index in range(count):
                image = Image.new("RGB", (40, 24), (80 * row, 9 * index, 40))
                box = (8, 4, 10 + index, 6 + index)
                ImageDraw.Draw(image).ellipse(box, "white")
                image.save(root / name / f"{index:02d}.png")
        return root

    return draw
