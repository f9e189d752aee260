import os
import pickle
import random
from collections import Counter

import pytest
import tensorflow as tf
import tensorflow_datasets as tfds
from tensorflow_datasets.core import shuffle

from data_prep.pictures.catalogue import Item
from data_prep.pictures.encoding import image_feature
from data_prep.writing import shards
from data_prep.writing.shards import plan_shards
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.image_of_item import image_of_item

ITEMS = [Item(f"{index:03d}", index % 3, "train") for index in range(50)]
FEATURES = tfds.features.FeaturesDict(
    {
        "image": image_feature("png", 4),
        "label": tfds.features.ClassLabel(num_classes=3),
        "id": tfds.features.Text(),
    }
)


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    monkeypatch.setattr(shards, "PART_SIZE", 8)


@pytest.fixture
def maker(tmp_path):
    return shards.ShardMaker(image_of_item, FEATURES, "png", 2, tmp_path)


def ids(path):
    return [
        tf.train.Example.FromString(record.numpy())
        .features.feature["id"]
        .bytes_list.value[0]
        .decode()
        for record in tf.data.TFRecordDataset(str(path))
    ]


def test_a_shard_holds_its_items_in_order(maker):
    (plan,) = plan_shards("train", ITEMS, 1)
    maker.make_shard(plan)
    assert ids(maker.path_of(plan)) == [item.id for item in plan.items]
    outcome = maker.outcome_of(plan)
    assert outcome.written == {0: 17, 1: 17, 2: 16}
    assert sorted(os.listdir(maker.folder)) == [
        "train-00000.tfrecord",
        "train-00000.tfrecord.json",
    ]


def test_refusals_are_told_part_by_part(maker, monkeypatch):
    def fragile(item):
        if item.id in ("003", "030"):
            raise UserError("slipped")
        return image_of_item(item)

    object.__setattr__(maker, "make", fragile)
    (plan,) = plan_shards("train", ITEMS, 1)
    message = []
    maker.make_shard(plan, message.append)
    assert len(message) == 7
    refused = [row for outcome in message for row in outcome.refused]
    assert sorted(refused) == [("003", "slipped"), ("030", "slipped")]
    assert sorted(maker.outcome_of(plan).refused) == sorted(refused)
    assert len(ids(maker.path_of(plan))) == 48
    told_again = []
    maker.make_shard(plan, told_again.append)
    assert sorted(told_again[0].refused) == sorted(refused)


class Killed(BaseException):
    """Not an `Exception`: nothing may catch it on the way."""


@pytest.mark.parametrize("seed", range(6))
def test_what_was_interrupted_anywhere_ends_in_the_same_bytes(
    maker, tmp_path, monkeypatch, seed
):
    (plan,) = plan_shards("train", ITEMS, 1)
    maker.make_shard(plan)
    expected = maker.path_of(plan).read_bytes()
    interrupted = shards.ShardMaker(
        image_of_item, FEATURES, "png", 2, tmp_path / "again"
    )
    interrupted.folder.mkdir()
    chance = random.Random(seed)
    replace = os.replace

    def replace_or_die(path, target):
        fate = chance.random()
        if fate < 0.15:
            raise Killed
        replace(path, target)
        if fate > 0.85:
            raise Killed

    monkeypatch.setattr(os, "replace", replace_or_die)
    deaths = 0
    while True:
        try:
            interrupted.make_shard(plan)
            break
        except Killed:
            deaths += 1
    assert deaths > 1
    assert interrupted.path_of(plan).read_bytes() == expected


def test_parts_that_are_there_are_not_made_again(maker):
    (plan,) = plan_shards("train", ITEMS, 1)
    made = []

    def until(limit):
        def make(item):
            if len(made) == limit:
                raise Killed
            made.append(item.id)
            return image_of_item(item)

        return make

    object.__setattr__(maker, "num_threads", 1)
    object.__setattr__(maker, "make", until(20))
    with pytest.raises(Killed):
        maker.make_shard(plan)
    object.__setattr__(maker, "make", until(None))
    maker.make_shard(plan)
    # Two whole parts were kept, the four pictures after them were not.
    assert len(made) == 20 + 50 - 16


def test_it_can_be_sent_to_another_process(maker):
    again = pickle.loads(pickle.dumps(maker))
    (plan,) = plan_shards("train", ITEMS[:9], 1)
    again.make_shard(pickle.loads(pickle.dumps(plan)))
    assert maker.outcome_of(plan).written.total() == 9


def test_an_outcome_is_kept_as_json():
    outcome = shards.Outcome()
    outcome.add(shards.Outcome({2: 3}, [("a\tb", "broken")]))
    again = shards.Outcome.from_json(outcome.to_json())
    assert again == outcome and again.written[2] == 3


def test_the_order_is_that_of_tfds(tmp_path):
    shuffler = shuffle.Shuffler(dirpath=tmp_path, hash_salt="train")
    for item in ITEMS:
        shuffler.add(item.id, item.id.encode())
    plans = plan_shards("train", ITEMS[::-1], 4)
    assert [item.id for plan in plans for item in plan.items] == [
        name.decode() for _, name in shuffler
    ]
    assert [len(plan.items) for plan in plans] == [12, 13, 13, 12]
    assert [plan.stem for plan in plans][1] == "train-00001"


def test_an_id_that_comes_twice_is_a_defect():
    with pytest.raises(ValueError, match="unique. Received: 007"):
        plan_shards("train", [*ITEMS, ITEMS[7]], 2)


class Maker:
    """Writes nothing; a part is a shard."""

    def __init__(self):
        self.made = []

    def make_shard(self, plan, tell):
        self.made.append(plan.index)
        written = Counter({0: len(plan.items) - 1})
        tell(shards.Outcome(written, [(plan.stem, "broken")]))


def test_shards_are_made_in_order_and_told(capsys):
    maker, message = Maker(), []
    shards.run_here(maker, plan_shards("train", ITEMS[:10], 3), message.append)
    assert maker.made == [0, 1, 2]
    assert [outcome.refused[0][0] for outcome in message] == [
        "train-00000",
        "train-00001",
        "train-00002",
    ]
    # The bar is for a person and is wiped at the end.
    assert capsys.readouterr().out == ""


def test_it_ends_when_told_to():
    def enough(outcome):
        raise UserError("enough")

    maker = Maker()
    with pytest.raises(UserError, match="enough"):
        shards.run_here(maker, plan_shards("train", ITEMS[:10], 3), enough)
    assert maker.made == [0]
