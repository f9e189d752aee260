import gc
import json
import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import DeepI2I
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.training import trainer
from deepi2i_tf.training.loop import first_non_finite
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import light_config, run_light


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

    assert first_non_finite(named(1.0)) is None
    assert first_non_finite(named(np.nan)) == "kernel"
