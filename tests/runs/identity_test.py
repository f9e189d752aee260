import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import (
    Config,
    MonitorConfig,
    NetworkConfig,
    TrainingConfig,
)
from deepi2i_tf.data import PreparedData, Shard
from deepi2i_tf.runs import identity
from deepi2i_tf.utils.errors import UserError


def stored(config):
    return json.loads(config.to_json())


def test_the_same_configuration_differs_in_nothing():
    assert identity.differing_fields(stored(Config()), Config().to_dict()) == []


def test_how_long_and_how_often_may_change():
    here = Config(
        training=TrainingConfig(
            steps=7, checkpoint_every=2, log_every=1, best_metric="rc"
        )
    )
    identity.require_same_run("run", stored(Config()), here)


def test_what_decides_rollbacks_stays_once_a_run_may_go_back():
    watched = Config(monitor=MonitorConfig(monitor_every=0))
    returns = Config(monitor=MonitorConfig(on_collapse="rollback"))
    rows = dataclasses.replace(returns, training=TrainingConfig(log_every=5))
    longer = dataclasses.replace(returns, training=TrainingConfig(steps=5))
    # A run may begin to go back, and be longer, but it stays with that.
    identity.require_same_run("run", stored(Config()), watched)
    identity.require_same_run("run", stored(watched), returns)
    identity.require_same_run("run", stored(returns), longer)
    for here, said in [
        (watched, "on_collapse (rollback there, warn here)"),
        (rows, "log_every (20 there, 5 here)"),
    ]:
        with pytest.raises(UserError) as refusal:
            identity.require_same_run("run", stored(returns), here)
        assert said in str(refusal.value)


def test_another_architecture_is_refused_by_name():
    there = Config(network=NetworkConfig(ch=16))
    here = Config(
        network=NetworkConfig(ch=32, injection_weights=(1.0, 1.0, 1.0, 1.0))
    )
    with pytest.raises(UserError) as refusal:
        identity.require_same_run("runs/x", stored(there), here)
    text = str(refusal.value)
    assert "ch (16 there, 32 here)" in text
    assert "injection_weights" in text
    assert "resolution" not in text


def test_names_that_may_change_exist():
    names = {
        field.name
        for section in dataclasses.fields(Config)
        for field in dataclasses.fields(section.default_factory)
    }
    assert names >= identity.MAY_CHANGE
    assert names >= identity.MAY_DIFFER


def test_sizes_stand_in_for_checksums_that_nobody_wrote(tmp_path):
    (tmp_path / "a").write_bytes(b"shard")

    def facts(sha256, num_bytes):
        shard = Shard("a", 1, num_bytes, sha256)
        prepared = PreparedData(
            str(tmp_path), "d", "c", "1.0.0", 8, (), (), {}, {"train": (shard,)}
        )
        return identity.data_facts(prepared)["shards_sha256"]

    assert facts("a1", 5) == facts("a1", 6) != facts("b2", 5)
    assert facts("", 5) == facts("", 5) != facts("", 6)


def test_other_shards_are_refused():
    there = {
        "shards_sha256": "a",
        "ends_sha256": "b",
        "dataset": "d",
        "config": "c",
        "path": "/old",
    }
    here = {**there, "path": "/new"}
    identity.require_same_data("run", there, here)
    for sums in ("shards_sha256", "ends_sha256"):
        with pytest.raises(UserError, match="/new"):
            identity.require_same_data("run", there, {**here, sums: "c"})


def test_a_run_that_wrote_no_ends_down_goes_on():
    there = {"shards_sha256": "a"}
    identity.require_same_data("run", there, {**there, "ends_sha256": "b"})


def named(value=1.0, dtype=np.float32):
    return [
        ("b", tf.Variable(np.full((2, 3), value, dtype))),
        ("a", tf.Variable(np.zeros(2, dtype))),
    ]


def test_the_sum_depends_on_bits_names_and_shapes_alone():
    first = identity.weights_sha256(named())
    assert first == identity.weights_sha256(named()[::-1])
    assert first != identity.weights_sha256(
        named(np.nextafter(1.0, 2.0, dtype=np.float32))
    )
    assert first != identity.weights_sha256(named(dtype=np.float64))
    renamed = [("c", named()[0][1]), named()[1]]
    assert first != identity.weights_sha256(renamed)
