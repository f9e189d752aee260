import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.training.distributed.agreement import (
    broadcast_variables,
    check_workers_agree,
)
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.utils.errors import UserError

FACTS = {"shards_sha256": "s", "ends_sha256": "e", "path": "/data"}
CHIEF, WORKER = (
    DistributionContext(
        tf.distribute.get_strategy(), False, Coordinator(index, 2)
    )
    for index in range(2)
)


def begin(config, store, facts=FACTS):
    store["agreed/1"] = ""
    check_workers_agree(CHIEF, config, facts)
    del store["agreed/1"]


def test_where_the_data_lie_may_differ(store):
    begin(Config(), store)
    elsewhere = Config(data=DataConfig(data_dir="/elsewhere"))
    check_workers_agree(WORKER, elsewhere, FACTS)
    assert "agreed/1" in store


def test_everything_that_differs_is_named(store):
    begin(Config(), store)
    other = Config(network=NetworkConfig(ch=7))
    with pytest.raises(UserError) as refusal:
        check_workers_agree(WORKER, other, FACTS | {"shards_sha256": "t"})
    text = str(refusal.value)
    assert "Expected worker 1 to start as worker 0 does" in text
    assert "7 here), the data set's shards (here in /data)" in text
    assert "agreed/1" not in store


@pytest.mark.parametrize("name", ["shards_sha256", "ends_sha256"])
def test_other_images_are_refused(store, name):
    begin(Config(), store)
    with pytest.raises(UserError, match="values of: the data set's shards"):
        check_workers_agree(WORKER, Config(), FACTS | {name: "other"})
    assert "agreed/1" not in store


def test_how_long_it_runs_is_the_same_for_all(store):
    begin(Config(), store)
    training = dataclasses.replace(Config().training, steps=3)
    with pytest.raises(UserError, match=r"steps \(\d+ there, 3 here\)"):
        check_workers_agree(WORKER, Config(training=training), FACTS)


def test_every_worker_counts_the_same_replicas(store, two_replicas):
    begin(Config(), store)
    two = DistributionContext(two_replicas, False, Coordinator(1, 2))
    with pytest.raises(UserError, match=r"replicas in all \(1 there, 2 here"):
        check_workers_agree(two, Config(), FACTS)


def test_every_replica_takes_the_bits_of_the_first(two_replicas):
    with two_replicas.scope():
        weight = tf.Variable([0.0, 0.0, 0.0])
        step = tf.Variable(
            np.int64(0), aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA
        )
    first, second = two_replicas.experimental_local_results(weight)
    first.assign([-0.0, 0.1, 3e-38])
    second.assign([5.0, 6.0, 7.0])
    step.assign(2**40)
    distribution = DistributionContext(two_replicas, False, Coordinator(0, 2))
    broadcast_variables(distribution, {"weights": {"w": weight}, "step": step})
    expected = np.float32([-0.0, 0.1, 3e-38]).tobytes()
    assert first.numpy().tobytes() == second.numpy().tobytes() == expected
    assert step.numpy() == 2**40


def test_one_process_shares_nothing(two_replicas):
    with two_replicas.scope():
        weight = tf.Variable(1.0)
    _, second = two_replicas.experimental_local_results(weight)
    second.assign(2.0)
    broadcast_variables(DistributionContext(two_replicas, False), {"w": weight})
    assert second.numpy() == 2.0
