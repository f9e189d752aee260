import os

import pytest
import tensorflow_datasets as tfds

from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.encoding import image_feature
from data_prep.writing import shards
from data_prep.writing.resplit import resplit
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.image_of_item import image_of_item
from tests.data_prep.writing.shards_test import ids

ITEMS = [
    Item(f"{index:03d}", index % 2, "train" if index > 3 else "test")
    for index in range(40)
]
BROKEN = {"000", "002"}
FEATURES = tfds.features.FeaturesDict(
    {
        "image": image_feature("png", 4),
        "label": tfds.features.ClassLabel(num_classes=2),
        "id": tfds.features.Text(),
    }
)


def make(item):
    if item.id in BROKEN:
        raise UserError("slipped")
    return image_of_item(item)


@pytest.fixture
def maker(tmp_path):
    return shards.ShardMaker(make, FEATURES, "png", 2, tmp_path)


@pytest.fixture
def plans(maker):
    plans = [
        plan
        for split in ("train", "test")
        for plan in shards.plan_shards(
            split, [item for item in ITEMS if item.split == split], 2
        )
    ]
    for plan in plans:
        maker.make_shard(plan)
    return plans


def everything(maker, plans):
    """Ids of the records, by split."""
    found = {"train": [], "test": []}
    for plan in plans:
        found[plan.split] += ids(maker.path_of(plan))
    return found


def test_moved_records_stand_on_the_other_side(maker, plans):
    before = everything(maker, plans)
    after = resplit(
        maker, plans, {"007": "test", "010": "test", "003": "train"}
    )
    found = everything(maker, after)
    assert sorted(found["test"]) == ["001", "007", "010"]
    kept = [name for name in before["train"] if name not in ("007", "010")]
    assert [name for name in found["train"] if name != "003"] == kept
    assert "003" in found["train"]
    total = {split: {0: 0, 1: 0} for split in ("train", "test")}
    for plan in after:
        for label, count in maker.outcome_of(plan).written.items():
            total[plan.split][label] += count
    assert total == {"train": {0: 17, 1: 18}, "test": {0: 1, 1: 2}}


def test_shards_that_nothing_leaves_or_joins_are_the_same_files(maker, plans):
    (home,) = (p for p in plans if "007" in {item.id for item in p.items})
    after = resplit(maker, plans, {"007": "test"})
    same = [plan for plan in after if plan in plans]
    assert len(same) == 2 and home not in same
    assert resplit(maker, plans, {}) == plans


def test_no_picture_is_made_again_and_killed_it_ends_in_the_same_bytes(
    maker, plans, monkeypatch
):
    def never(item):
        raise AssertionError(item)

    object.__setattr__(maker, "make", never)
    moves = {"007": "test", "010": "test"}
    replace, left = os.replace, [3]

    def replace_or_die(path, target):
        left[0] -= 1
        if not left[0]:
            raise KeyboardInterrupt
        replace(path, target)

    monkeypatch.setattr(os, "replace", replace_or_die)
    with pytest.raises(KeyboardInterrupt):
        resplit(maker, plans, moves)
    monkeypatch.setattr(os, "replace", replace)
    interrupted = {
        plan.stem: maker.path_of(plan).read_bytes()
        for plan in resplit(maker, plans, moves)
    }
    for path in maker.folder.glob("*resplit*"):
        path.unlink()
    for plan in resplit(maker, plans, moves):
        assert maker.path_of(plan).read_bytes() == interrupted[plan.stem]


def test_a_catalogue_says_what_must_move():
    catalogue = Catalogue(("a", "b"), tuple(ITEMS), "drawn", "")
    assert catalogue.moves(set()) == {}
    assert catalogue.moves({"000"}) == {}
    (moved,) = catalogue.moves(BROKEN).items()
    assert moved[1] == "test" and int(moved[0]) % 2 == 0
    fixed = Catalogue(("a", "b"), tuple(ITEMS), "", "", fixed_split=True)
    assert fixed.moves(BROKEN) == {}
