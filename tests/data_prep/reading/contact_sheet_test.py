import numpy as np
from PIL import Image

from data_prep.reading import contact_sheet
from data_prep.reading.manifest import read_manifest

RED, BLUE = (
    np.full((8, 8, 3), c, np.uint8) for c in ((255, 0, 0), (0, 0, 255))
)


def test_every_class_is_on_the_sheet():
    sheet = contact_sheet.draw_contact_sheet({"a": [RED] * 2, "b": [BLUE] * 6})
    colors = {color: n for n, color in sheet.getcolors(1 << 16)}
    # Cells of 8 pixels are enlarged to 64.
    assert colors[255, 0, 0] == 2 * 64 * 64
    assert colors[0, 0, 255] == 6 * 64 * 64


def test_many_classes_stand_in_columns():
    sheet = contact_sheet.draw_contact_sheet(
        {f"class{index}": [RED] for index in range(60)}
    )
    assert 0.5 < sheet.width / sheet.height < 2


def test_long_names_are_shortened():
    sheet = contact_sheet.draw_contact_sheet({"n" * 500: [RED], "b": [BLUE]})
    assert sheet.width < 2 * 64 * 8


def test_of_too_many_classes_some_are_drawn(
    tmp_path, prepare_creatures, monkeypatch
):
    folder = prepare_creatures(tmp_path)
    monkeypatch.setattr(contact_sheet, "MAX_CLASSES", 2)
    samples = contact_sheet.collect_samples(folder, read_manifest(folder))
    assert list(samples) == ["panda", "tiger"]


def test_large_pictures_are_kept_as_small_as_they_are_drawn(
    tmp_path, prepare_creatures, monkeypatch
):
    folder = prepare_creatures(tmp_path)
    manifest = read_manifest(folder)
    monkeypatch.setattr(contact_sheet, "_LARGEST_CELL", 12)
    whole = {
        name: [np.asarray(Image.fromarray(image)) for image in images]
        for name, images in contact_sheet.collect_samples(
            folder, manifest
        ).items()
    }
    assert {image.shape for images in whole.values() for image in images} == {
        (12, 12, 3)
    }


def test_samples_are_of_their_class_and_saved(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    samples = contact_sheet.collect_samples(folder, read_manifest(folder))
    assert list(samples) == ["panda", "rabbit", "tiger"]
    assert {len(images) for images in samples.values()} == {6}
    (folder / contact_sheet.FILE_NAME).unlink()
    contact_sheet.save_contact_sheet(folder, read_manifest(folder))
    with Image.open(folder / contact_sheet.FILE_NAME) as sheet:
        assert sheet.width > 6 * 64
