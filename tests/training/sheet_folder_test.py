import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.training.sheet_folder import (
    SheetFolder,
    first_examples,
)
from deepi2i_tf.utils.errors import UserError
from tests.evaluation import disc_set


def test_real_images_stand_below_their_class(tmp_path):
    prepared = disc_set.write_set(tmp_path / "data", train=30, test=3)
    path = SheetFolder(tmp_path, prepared, [2]).draw_real(prepared)
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
