import dataclasses

import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.training.distributed.agreement import check_workers_agree
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.utils.errors import UserError

FACTS = {"shards_sha256": "s", "ends_sha256": "e", "path": "/data"}
LEADER, FOLLOWER = (
    DistributionContext(
        tf.distribute.get_strategy(), False, Coordinator(index, 2)
    )
    for index in range(2)
)


def lead(config, store, facts=FACTS):
    store["agreed/1"] = ""
    check_workers_agree(LEADER, config, facts)
    del store["agreed/1"]


def test_where_the_data_lie_may_differ(store):
    lead(Config(), store)
    elsewhere = Config(data=DataConfig(data_dir="/elsewhere"))
    check_workers_agree(FOLLOWER, elsewhere, FACTS)
    assert "agreed/1" in store


def test_everything_that_differs_is_named(store):
    lead(Config(), store)
    other = Config(network=NetworkConfig(ch=7))
    with pytest.raises(UserError) as refusal:
        check_workers_agree(FOLLOWER, other, FACTS | {"shards_sha256": "t"})
    text = str(refusal.value)
    assert "Expected worker 1 to start as worker 0 does" in text
    assert "7 here), the data set's shards (here in /data)" in text
    assert "agreed/1" not in store


@pytest.mark.parametrize("name", ["shards_sha256", "ends_sha256"])
def test_other_images_are_refused(store, name):
    lead(Config(), store)
    with pytest.raises(UserError, match="values of: the data set's shards"):
        check_workers_agree(FOLLOWER, Config(), FACTS | {name: "other"})
    assert "agreed/1" not in store


def test_how_long_it_runs_is_the_same_for_all(store):
    lead(Config(), store)
    training = dataclasses.replace(Config().training, steps=3)
    with pytest.raises(UserError, match=r"steps \(\d+ there, 3 here\)"):
        check_workers_agree(FOLLOWER, Config(training=training), FACTS)


def test_every_worker_counts_the_same_replicas(store, two_replicas):
    lead(Config(), store)
    two = DistributionContext(two_replicas, False, Coordinator(1, 2))
    with pytest.raises(UserError, match=r"replicas in all \(1 there, 2 here"):
        check_workers_agree(two, Config(), FACTS)
