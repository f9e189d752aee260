"""Fixtures of tests that need TensorFlow, and its state for the session.

Two logical CPUs: they can only be made before TensorFlow touches one, so it
happens here, while pytest starts. And what takes long to make and is only
read: it is made once, whichever worker of pytest-xdist asks first.
"""

import fcntl
import gc
import os
import pathlib
import shutil

import keras
import pytest
import tensorflow as tf

from data_prep.creatures import creatures_dataset_builder as creatures
from data_prep.writing import preparation
from deepi2i_tf.config import Config, DataConfig, NetworkConfig, TrainingConfig
from deepi2i_tf.training import trainer
from deepi2i_tf.training.distributed import coordination
from tests import processes
from tests.serving import tiny_translator

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)


# Traced graphs are many small objects, and looking through all that are left
# took a seventh of the suite's time.
gc.set_threshold(20_000, 50, 50)


def pytest_sessionfinish():
    processes.end_all()


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """Gives `made_once(name, make)`, a folder that `make(folder)` has filled.

    The folder is the same for all workers, and for reading only.
    """
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent

    def folder_of(name, make) -> pathlib.Path:
        folder, done = root / name, root / f".{name}-done"
        with open(root / f".{name}-lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                make(folder)
                done.touch()
        return folder

    return folder_of


@pytest.fixture(scope="session")
def two_replicas():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture(autouse=True)
def float32_again():
    """Models set the dtype policy of the process; no test inherits it."""
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(autouse=True)
def same_graph_passes():
    """What a test switches off changes the last bits of the ones after it."""
    before = _passes_off()
    yield
    assert _passes_off() == before


def _passes_off() -> set[str]:
    options = tf.config.optimizer.get_experimental_options()
    return {name for name, value in options.items() if not value}


def prepare_creatures(data_dir: pathlib.Path) -> None:
    """Sixty Creatures of three species at 32 px."""
    flags = {"resolution": 32, "first_class": 0, "num_classes": 3}
    flags |= {"num_images": 60, "seed": 0, "min_images_per_class": 2}
    config = creatures.config_from(flags)
    preparation.prepare(creatures.Builder, config, str(data_dir), 4)


@pytest.fixture(scope="session")
def data_dir(made_once):
    """Where sixty Creatures of three species at 32 px are prepared."""
    return str(made_once("data", prepare_creatures))


@pytest.fixture(scope="session")
def tiny(data_dir):
    """Makes the configuration of a run of a few seconds."""

    def make(run_dir, **training):
        values = {
            "steps": 4,
            "batch_size": 2,
            "checkpoint_every": 2,
            "sample_every": 4,
            "log_every": 2,
            "run_dir": str(run_dir),
        }
        return Config(
            data=DataConfig(data_dir=data_dir),
            network=NetworkConfig(resolution=32, ch=2, dim_z=16, shared_dim=8),
            training=TrainingConfig(**(values | training)),
        )

    return make


@pytest.fixture(scope="session")
def finished(made_once, tiny):
    """The run directory of a run of four steps."""

    def train(path):
        trainer.train(tiny(path), "--steps=4\n", lambda step, translator: {})

    return made_once("finished", train)


@pytest.fixture(scope="session")
def exported(made_once):
    """The folder of an exported model of three classes at 32 px."""
    return str(
        made_once("exported", lambda path: tiny_translator.export(str(path)))
    )


@pytest.fixture
def store(monkeypatch):
    """In the place of the coordination service: words, and no waiting."""
    words = {}
    monkeypatch.setattr(coordination, "_put", words.setdefault)
    monkeypatch.setattr(coordination, "_get", words.get)
    monkeypatch.setattr(coordination, "_ERROR_SECONDS", 0.05)
    monkeypatch.setattr(coordination, "_SHUTDOWN_SECONDS", 0.05)
    return words
