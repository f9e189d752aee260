"""The real training loop around a model and data that cost nothing."""

import contextlib
import os
import shutil
import time

import pytest
import tensorflow as tf

from deepi2i_tf.config import (
    Config,
    MonitorConfig,
    NetworkConfig,
    TrainingConfig,
)
from deepi2i_tf.data import PreparedData
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.run_dir import open_run_dir
from deepi2i_tf.training import loop
from deepi2i_tf.training.distributed.strategy import make_distribution
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.utils import atomic_files


class LightModel:
    """Three numbers in the place of four networks."""

    sides = ("source",)
    networks = {}

    def __init__(self):
        self.weight = tf.Variable([1.0, 2.0, 3.0])
        self.step = tf.Variable(0, dtype=tf.int64)
        self.averaged = self.weight
        self.stage = None
        self.skipped = 0

    def checkpoint_items(self):
        return {"weight": self.weight, "step": self.step}

    def named_weights(self):
        return [("weight", self.weight)]

    def sigmas(self):
        return {}

    def learning_rates(self):
        return {}

    def scale_learning_rates(self, factor):
        self.rate_factor = factor

    def train_step(self, batch):
        self.weight.assign(0.9 * self.weight + tf.reduce_mean(batch["source"]))
        self.step.assign_add(1)
        return {"loss": tf.reduce_sum(self.weight)}


def batches(prepared, config, batch_size, seed, start_step, sides):
    """In the place of `training_batches`: the step itself, from 0."""
    steps = tf.data.Dataset.range(start_step, 1000, output_type=tf.float32)
    return tf.data.Dataset.zip({"source": steps})


WATCHED = MonitorConfig()


def light_config(path, monitor=WATCHED, **training):
    values = {
        "steps": 9,
        "checkpoint_every": 4,
        "keep_checkpoints": 1,
        "evaluate_every": 1,
        "sample_every": 0,
        "log_every": 1,
        "run_dir": str(path),
    }
    return Config(
        network=NetworkConfig(num_classes=2),
        training=TrainingConfig(**(values | training)),
        monitor=monitor,
    )


# A data set without a shard.
NO_DATA = PreparedData("", "", "", "", 8, (), (), {}, {"train": ()})


def run_light(config, evaluate, prepared=NO_DATA, model=None):
    """Trains until the last step; returns the model."""
    model = model or LightModel()
    run = open_run_dir(config)
    log = RunLog(run.path / "log.txt")
    with pytest.MonkeyPatch.context() as monkeypatch:
        if prepared is NO_DATA:
            monkeypatch.setattr(loop, "training_batches", batches)
        # It costs most.
        monkeypatch.setattr(atomic_files, "flush", lambda path: None)
        distribution = make_distribution(config.training)
        context = RunContext(config, model, distribution, prepared, run, log)
        try:
            loop.TrainingLoop(context, evaluate, time.monotonic()).run()
        finally:
            run.release()
    return model


class Killed(BaseException):
    """The process is no more."""


@contextlib.contextmanager
def killed_at(number):
    """Kills at the n-th change of names on the disk; nothing follows it.

    What Python still runs on the way out, and SIGKILL would not, finds every
    change refused. A removal is killed when its first file is gone. Yields a
    list of the changes.
    """
    changes = []

    def deadly(change):
        def changed(path, *others, **options):
            if len(changes) >= number:
                raise Killed
            if os.path.exists(path):
                changes.append(f"{change.__name__} {path}")
            if len(changes) == number:
                if change is rmtree:
                    os.unlink(os.path.join(path, sorted(os.listdir(path))[0]))
                raise Killed
            return change(path, *others, **options)

        return changed

    rmtree = shutil.rmtree
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(os, "rename", deadly(os.rename))
        monkeypatch.setattr(os, "replace", deadly(os.replace))
        monkeypatch.setattr(shutil, "rmtree", deadly(rmtree))
        with contextlib.suppress(Killed):
            yield changes
