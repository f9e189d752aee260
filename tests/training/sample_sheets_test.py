import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.data import find_prepared
from deepi2i_tf.training import sample_sheets
from deepi2i_tf.training.sample_sheets import (
    NUM_Z,
    ClassSheets,
    Sheets,
    TranslationSheets,
    first_examples,
)
from deepi2i_tf.utils.errors import UserError
from tests.evaluation import disc_set

CONFIG = Config(network=NetworkConfig(resolution=32, num_classes=3, dim_z=16))


def make(data_dir, folder):
    prepared = find_prepared(data_dir, "creatures", 32)
    return prepared, TranslationSheets(folder, prepared, CONFIG)


def test_every_sheet_has_the_same_sources_z_and_targets(data_dir, tmp_path):
    calls = []

    def translator(images, z, labels, training):
        assert training is False
        calls.append((images, z, labels))
        return images

    prepared, sheets = make(data_dir, tmp_path)
    path, image = sheets.draw(translator, 5)
    again, _ = sheets.draw(translator, 500)
    assert (path.name, again.name) == ("step-000005.png", "step-000500.png")
    assert image.dtype == np.uint8
    assert len(calls) == 2
    for one, other in zip(*calls, strict=True):
        np.testing.assert_array_equal(one, other)
    images, z, labels = calls[0]
    rows = len(images) // 3
    assert rows >= 2
    assert images.shape == (3 * rows, 32, 32, 3) and len(z) == 3 * rows
    assert images.min() >= -1.0 and images.max() <= 1.0
    assert labels.tolist() == [0, 1, 2] * rows
    np.testing.assert_array_equal(images[0], images[2])
    np.testing.assert_array_equal(z[0], z[2])
    assert np.any(z[2] != z[3])
    other = make(data_dir, tmp_path)[1]
    other.draw(translator, 5)
    np.testing.assert_array_equal(calls[0][1], calls[2][1])


def test_real_images_are_shown_by_class(data_dir, tmp_path):
    prepared, sheets = make(data_dir, tmp_path)
    with Image.open(sheets.draw_real()) as sheet:
        assert sheet.width >= 3 * 96


def test_classes_that_come_late_give_way_to_those_that_come_first(
    tmp_path, monkeypatch
):
    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    monkeypatch.setattr(sample_sheets, "SEARCHED", 1)
    first = next(first_examples(prepared, "train"))["label"]
    late = [label for label in range(3) if label != first]
    with Image.open(Sheets(tmp_path, prepared, late).draw_real()) as sheet:
        assert sheet.width < 2 * 96 + 96
    monkeypatch.setattr(
        sample_sheets, "evenly_spaced", lambda count, most: np.array(late)
    )
    sheets = TranslationSheets(tmp_path, prepared, CONFIG)
    path, _ = sheets.draw(lambda images, **rest: images, 0)
    assert path.exists()


def test_every_sheet_has_a_row_of_the_same_z_for_each_class(tmp_path):
    calls = []

    def generator(z, labels, training):
        assert training is False
        calls.append((z, labels))
        shade = labels[:, None, None, None] / 2.0
        return np.broadcast_to(shade, (len(z), 32, 32, 3)).astype(np.float32)

    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    for _ in range(2):
        sheets = ClassSheets(tmp_path, prepared, CONFIG)
        path, image = sheets.draw(generator, 5)
    assert path.name == "step-000005.png"
    with Image.open(path) as saved:
        np.testing.assert_array_equal(np.asarray(saved.convert("RGB")), image)
    assert len(calls) == 2 * 3
    for row, (z, labels) in enumerate(calls):
        np.testing.assert_array_equal(z, calls[0][0])
        assert labels.tolist() == [row % 3] * NUM_Z
    assert np.ptp(calls[0][0], axis=0).all()


def test_real_images_stand_below_their_class(tmp_path):
    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    path = Sheets(tmp_path, prepared, [2]).draw_real()
    assert path == tmp_path / "real.png"
    with Image.open(path) as sheet:
        colours = np.asarray(sheet.convert("RGB")).reshape(-1, 3).tolist()
    assert disc_set.COLOURS[2].tolist() in colours
    assert disc_set.COLOURS[0].tolist() not in colours


def test_first_examples_are_of_the_split(tmp_path):
    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    labels = [int(each["label"]) for each in first_examples(prepared, "test")]
    first = disc_set.FIRST["test"]
    assert labels == [disc_set.label_of(first + i) for i in range(3)]


def test_a_shard_that_vanished_is_refused_by_name(tmp_path):
    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    file = prepared.shard_paths("test")[0]
    os.remove(file)
    with pytest.raises(UserError, match=f"{file}.*no such file"):
        list(first_examples(prepared, "test"))
