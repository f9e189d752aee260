import signal

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.training import step_loop
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.training.follower import READY, WorkerLoop
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import (
    NO_DATA,
    LightModel,
    batches,
    light_config,
    run_light,
)


@pytest.fixture
def follow(store, monkeypatch, capsys, tmp_path):
    """Runs the loop of worker 1 around a model that costs nothing."""
    monkeypatch.setattr(step_loop, "training_batches", batches)
    store[f"{READY}/0"] = ""

    def run(model):
        placement = DistributionContext(
            tf.distribute.get_strategy(), False, Coordinator(1, 2)
        )
        log = RunLog(None, speaker="Worker 1: ")
        config = light_config(tmp_path / "run")
        WorkerLoop(config, model, placement, NO_DATA, log).run()
        assert not list(tmp_path.iterdir())
        return capsys.readouterr().out

    return run


def test_it_ends_where_the_leader_ends_and_writes_nothing(
    follow, tmp_path_factory
):
    model = LightModel()
    assert follow(model).startswith("Worker 1: Stage scratch: ")
    assert model.step.numpy() == 9
    path = tmp_path_factory.mktemp("leader")
    led = run_light(light_config(path), lambda step, averaged: {"mfid": 1.0})
    np.testing.assert_array_equal(led.weight.numpy(), model.weight.numpy())


def test_it_goes_on_from_the_step_that_was_shared(follow):
    model = LightModel()
    model.step.assign(7)
    follow(model)
    # Two steps, on batches 7 and 8: w <- 0.9 w + batch.
    expected = 0.81 * np.float32([1.0, 2.0, 3.0]) + 0.9 * 7.0 + 8.0
    np.testing.assert_allclose(model.weight.numpy(), expected, rtol=1e-6)


class Interrupted(LightModel):
    """A signal comes while the step is made."""

    def train_step(self, batch):
        signal.raise_signal(signal.SIGTERM)  # while it is traced: step 1
        return super().train_step(batch)


def test_a_signal_is_told_within_the_step_that_follows_it(follow):
    model = Interrupted()
    with pytest.raises(UserError, match="Stopped by SIGTERM at step 2 of 9"):
        follow(model)
    assert model.step.numpy() == 2
