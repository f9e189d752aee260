import pytest
from tensorflow_datasets.core import shuffle

from data_prep.catalogue import Item
from data_prep.shard_plan import plan_shards

ITEMS = [Item(f"{index:03d}", index % 3, "train") for index in range(50)]


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
