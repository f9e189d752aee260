import dataclasses
import gc
import json
import random
import signal

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import MonitorConfig
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.training import loop, trainer
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.train_step import StepFunction
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import (
    NO_DATA,
    LightModel,
    batches,
    light_config,
    run_light,
)

BATCH = {"source": tf.constant(0.0)}


def read(path):
    return json.loads(path.read_text())


def test_a_stopped_and_continued_run_ends_with_the_same_bits(
    finished, tiny, tmp_path
):
    trainer.train(tiny(tmp_path / "run", steps=2))
    trainer.train(tiny(tmp_path / "run"))
    expected = read(finished / "DONE.json")["weights_sha256"]
    assert read(tmp_path / "run" / "DONE.json")["weights_sha256"] == expected


def use_all_randomness(step, translator):
    """What an evaluation may do: train a network, draw, translate."""
    keras.utils.set_random_seed(step)
    judge = keras.Sequential([keras.layers.Dense(1), keras.layers.Dropout(0.5)])
    judge.compile(optimizer="sgd", loss="mse")
    judge.fit(np.random.normal(size=(4, 3)), np.ones((4, 1)), verbose=0)
    images = tf.random.uniform((2, 32, 32, 3), -1.0, 1.0)
    z = tf.constant(np.random.normal(size=(2, 16)), tf.float32)
    labels = tf.constant([random.randrange(3) for _ in range(2)], tf.int32)
    made = translator(images, z=z, labels=labels, training=False)
    return {"mfid": float(tf.reduce_mean(made))}


def test_an_evaluated_run_has_the_bits_of_one_that_was_not(
    finished, tiny, tmp_path
):
    config = tiny(tmp_path / "run", evaluate_every=1)
    trainer.train(config, evaluate=use_all_randomness)
    assert (tmp_path / "run" / "best.json").exists()
    expected = read(finished / "DONE.json")["weights_sha256"]
    assert read(tmp_path / "run" / "DONE.json")["weights_sha256"] == expected


def test_a_watched_run_has_the_bits_of_one_that_was_not(
    finished, tiny, tmp_path
):
    path = tmp_path / "run"
    watched = MonitorConfig(monitor_every=1, on_collapse="stop")
    for steps in (3, 4):  # It goes on from a checkpoint, too.
        config = tiny(path, steps=steps, log_every=1)
        trainer.train(dataclasses.replace(config, monitor=watched))
    expected = read(finished / "DONE.json")["weights_sha256"]
    assert read(path / "DONE.json")["weights_sha256"] == expected
    rows = (path / "metrics.jsonl").read_text().splitlines()
    probes = [row for row in map(json.loads, rows) if "monitor/edges" in row]
    assert [row["step"] for row in probes] == [1, 2, 3, 4]
    assert {"monitor/overfit", "monitor/smallest_class"} <= probes[-1].keys()
    assert sum("monitor/state" in row for row in map(json.loads, rows)) == 4
    assert json.loads(rows[-1])["learning_rate/generator"] == 1e-4


def iterators():
    return {
        id(each)
        for each in gc.get_objects()
        if issubclass(type(each), tf.data.Iterator)
    }


def test_an_error_that_is_kept_keeps_no_iterator(tmp_path):
    def fail(step, translator):
        raise RuntimeError("a defect")

    gc.collect()
    before = iterators()
    with pytest.raises(RuntimeError) as kept:
        run_light(light_config(tmp_path), fail)
    assert iterators() <= before
    assert "a defect" in str(kept.value)


def test_a_loss_that_is_no_number_never_reaches_a_checkpoint(
    tiny, tmp_path, monkeypatch
):
    step = DeepI2I.train_step

    def broken(self, batch):
        logs = step(self, batch)
        bad = tf.where(self.step == 3, np.float32("nan"), 1.0)
        return {**logs, "generator_loss": logs["generator_loss"] * bad}

    monkeypatch.setattr(DeepI2I, "train_step", broken)
    path = tmp_path / "run"
    with pytest.raises(UserError, match="generator_loss is NaN .* at step 3"):
        trainer.train(tiny(path, log_every=4))
    assert [s for s, _ in list_checkpoints(path / "checkpoints")] == [2]
    assert not (path / "DONE.json").exists()


def test_first_non_finite():
    def named(value):
        kernel = tf.Variable(np.full((2, 3), value, np.float32))
        return [("step", tf.Variable(1, dtype=tf.int64)), ("kernel", kernel)]

    assert loop.first_non_finite(named(1.0)) is None
    assert loop.first_non_finite(named(np.nan)) == "kernel"


@pytest.fixture
def made(tmp_path):
    def make(size):
        one = tf.distribute.get_strategy()
        distribution = DistributionContext(one, False, Coordinator(0, size))
        log = RunLog(tmp_path / "log.txt")
        model = LightModel()
        config = light_config(tmp_path)
        context = RunContext(config, model, distribution, NO_DATA, None, log)
        return loop.StepLoop(context), StepFunction(model, one)

    return make


def signalled():
    stop = GracefulStop()
    stop.signal_name = "SIGTERM"
    return stop


def test_alone_a_signal_counts_at_once(made):
    steps, function = made(1)
    function(BATCH)
    assert steps._agreed_signal(function, signalled()) == "SIGTERM"
    assert steps._agreed_signal(function, GracefulStop()) == ""


def test_among_others_only_what_all_know_counts(made):
    steps, function = made(2)
    function(BATCH)
    assert steps._agreed_signal(function, signalled()) == ""
    function(BATCH, stopping=True)
    assert steps._agreed_signal(function, signalled()) == "SIGTERM"
    message = steps._agreed_signal(function, GracefulStop())
    assert message == "a signal to another worker"


def test_a_run_at_its_end_is_not_stopped(made):
    steps, _ = made(1)
    steps._stop_for("SIGTERM", 9)
    steps._stop_for("", 3)
    with pytest.raises(
        UserError, match="SIGTERM at step 3 of 9; its checkpoint"
    ):
        steps._stop_for("SIGTERM", 3)


@pytest.fixture
def follow(store, monkeypatch, capsys, tmp_path):
    """Runs the loop of worker 1 around a model that costs nothing."""
    monkeypatch.setattr(loop, "training_batches", batches)
    store[f"{loop.READY}/0"] = ""

    def run(model):
        distribution = DistributionContext(
            tf.distribute.get_strategy(), False, Coordinator(1, 2)
        )
        log = RunLog(None, speaker="Worker 1: ")
        config = light_config(tmp_path / "run")
        context = RunContext(config, model, distribution, NO_DATA, None, log)
        loop.WorkerLoop(context).run()
        assert not list(tmp_path.iterdir())
        return capsys.readouterr().out

    return run


def test_a_worker_ends_where_the_chief_ends_and_writes_nothing(
    follow, tmp_path_factory
):
    model = LightModel()
    assert follow(model).startswith("Worker 1: Stage scratch: ")
    assert model.step.numpy() == 9
    path = tmp_path_factory.mktemp("chief")
    chief = run_light(light_config(path), lambda step, averaged: {"mfid": 1.0})
    np.testing.assert_array_equal(chief.weight.numpy(), model.weight.numpy())


def test_a_worker_goes_on_from_the_step_that_was_broadcast(follow):
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
