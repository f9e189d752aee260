import io

import numpy as np
import pytest
from PIL import Image

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.errors import Refusal
from data_prep.picture_builder import encode_png

CONFIG = {
    "resolution": 16,
    "num_classes": 2,
    "num_images": 40,
    "seed": 0,
    "min_images_per_class": 2,
}


class Fragile(creatures.Builder):
    """Cannot draw the pictures whose numbers are in `fragile`."""

    name = "fragile"
    fragile = frozenset()

    @classmethod
    def make_picture(cls, config, item):
        if item.id in cls.fragile:
            raise Refusal("slipped")
        return super().make_picture(config, item)


@pytest.fixture
def builder(tmp_path):
    Fragile.fragile = frozenset()
    config = creatures.config_from(CONFIG)
    config.max_refused = 0.05
    return Fragile(config=config, data_dir=str(tmp_path))


def test_png_is_lossless():
    noise = np.random.default_rng(0).integers(0, 255, (9, 9, 3), np.uint8)
    read = Image.open(io.BytesIO(encode_png(noise)))
    np.testing.assert_array_equal(np.asarray(read), noise)


def test_written_and_refused_are_counted(builder):
    ids = [item.id for item in builder.catalogue.of_split("train")]
    Fragile.fragile = frozenset(ids[:2])
    builder.write_shards(2)
    assert builder.refused == [(name, "slipped") for name in ids[:2]]
    assert sum(builder.written.values()) == 38
    assert builder.info.splits["train"].num_examples == 34
    builder.check_written()


def test_too_many_refusals_end_it(builder):
    ids = [item.id for item in builder.catalogue.items]
    Fragile.fragile = frozenset(ids[:10])
    with pytest.raises(Refusal, match="--max_refused.*slipped"):
        builder.write_shards(2)


def test_a_class_without_test_images_is_refused(builder):
    builder.written.update({("rabbit", "train"): 9, ("tiger", "train"): 9})
    builder.written["tiger", "test"] = 1
    with pytest.raises(Refusal, match="rabbit.*9 for training, 0 for testing"):
        builder.check_written()


def test_shards_are_no_more_than_pictures(builder):
    builder.write_shards(50)
    # 4 pictures for testing, 2 of which --max_refused allows to be missing.
    assert builder.info.splits["test"].num_shards == 2
