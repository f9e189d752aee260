import dataclasses

import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.errors import Refusal
from deepi2i_tf.training.peers import Peers
from deepi2i_tf.training.same_on_all import require_same_on_all
from deepi2i_tf.training.strategy import Placement

FACTS = {"shards_sha256": "s", "ends_sha256": "e", "path": "/data"}
LEADER, FOLLOWER = (
    Placement(tf.distribute.get_strategy(), False, Peers(index, 2))
    for index in range(2)
)


def lead(config, store, facts=FACTS):
    store["agreed/1"] = ""
    require_same_on_all(LEADER, config, facts)
    del store["agreed/1"]


def test_where_the_data_lie_may_differ(store):
    lead(Config(), store)
    elsewhere = Config(data=DataConfig(data_dir="/elsewhere"))
    require_same_on_all(FOLLOWER, elsewhere, FACTS)
    assert "agreed/1" in store


def test_everything_that_differs_is_named(store):
    lead(Config(), store)
    other = Config(network=NetworkConfig(ch=7))
    with pytest.raises(Refusal) as refusal:
        require_same_on_all(FOLLOWER, other, FACTS | {"shards_sha256": "t"})
    text = str(refusal.value)
    assert "Expected worker 1 to start as worker 0 does" in text
    assert "7 here), the data set's shards (here in /data)" in text
    assert "agreed/1" not in store


@pytest.mark.parametrize("name", ["shards_sha256", "ends_sha256"])
def test_other_images_are_refused(store, name):
    lead(Config(), store)
    with pytest.raises(Refusal, match="values of: the data set's shards"):
        require_same_on_all(FOLLOWER, Config(), FACTS | {name: "other"})
    assert "agreed/1" not in store


def test_how_long_it_runs_is_the_same_for_all(store):
    lead(Config(), store)
    training = dataclasses.replace(Config().training, steps=3)
    with pytest.raises(Refusal, match=r"steps \(\d+ there, 3 here\)"):
        require_same_on_all(FOLLOWER, Config(training=training), FACTS)


def test_every_worker_counts_the_same_replicas(store, two_replicas):
    lead(Config(), store)
    two = Placement(two_replicas, False, Peers(1, 2))
    with pytest.raises(Refusal, match=r"replicas in all \(1 there, 2 here"):
        require_same_on_all(two, Config(), FACTS)
