import numpy as np
import pytest
from PIL import Image

from data_prep.reading import extraction
from deepi2i_tf.utils.errors import UserError

PICTURES = [(label, 10 * number) for number, label in enumerate([0, 0, 0, 1])]


@pytest.fixture
def prepared(monkeypatch):
    """A split of four one-colour pictures: three cats, one wild dog."""
    manifest = {
        "class_names": ["cat", "wild dog/é"],
        "splits": {"test": {"num_examples": len(PICTURES)}},
    }
    monkeypatch.setattr(extraction, "read_manifest", lambda folder: manifest)
    monkeypatch.setattr(
        extraction, "read_examples", lambda *arguments: iter(PICTURES)
    )
    monkeypatch.setattr(extraction, "label_of", lambda example: example[0])
    monkeypatch.setattr(
        extraction,
        "image_of",
        lambda example, manifest: np.full((4, 4, 3), example[1], np.uint8),
    )


def test_classes_take_turns(prepared, tmp_path):
    output = tmp_path / "photos"
    files = extraction.extract(tmp_path, "test", 3, str(output))
    assert files == ["00-cat.png", "01-wild_dog__.png", "02-cat.png"]
    assert sorted(path.name for path in output.iterdir()) == files
    shades = [np.asarray(Image.open(output / file))[0, 0, 0] for file in files]
    assert shades == [0, 30, 10]


def test_nothing_is_overwritten_unseen(prepared, tmp_path):
    output = tmp_path / "photos"
    output.mkdir()
    mine = output / "02-cat.png"
    mine.write_text("mine")
    with pytest.raises(UserError, match="02-cat.png, which exists"):
        extraction.extract(tmp_path, "test", 3, str(output))
    assert [path.name for path in output.iterdir()] == [mine.name]
    extraction.extract(tmp_path, "test", 3, str(output), overwrite=True)
    assert mine.read_bytes().startswith(b"\x89PNG")


def test_a_place_that_is_not_to_be_written_to_is_told(prepared, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="Not a directory.*another --output"):
        extraction.extract(tmp_path, "test", 3, str(tmp_path / "file" / "o"))


def test_more_than_there_are_is_refused(prepared, tmp_path):
    with pytest.raises(UserError, match="Received: 4. Lower --num."):
        extraction.extract(tmp_path, "test", 5, str(tmp_path / "photos"))
    assert not (tmp_path / "photos").exists()


def test_more_than_one_prepared_set_is_refused(tmp_path):
    for name in ("r32", "r64"):
        folder = tmp_path / "photos" / name / "1.0.0"
        folder.mkdir(parents=True)
        (folder / "manifest.json").write_text("{}")
    with pytest.raises(UserError, match="r32, r64. Choose with"):
        extraction.find_one(str(tmp_path), "photos", "")
    one = extraction.find_one(str(tmp_path), "photos", "r64")
    assert one.parent.name == "r64"
