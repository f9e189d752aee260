"""Two logical CPUs and one dtype policy for the whole test session.

Logical devices can only be made before TensorFlow touches one, so it happens
here, while pytest starts.
"""

import gc
import shutil
import subprocess

import keras
import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, DataConfig, NetworkConfig, TrainingConfig
from deepi2i_tf.training import trainer
from deepi2i_tf.training.distributed import coordination
from tests.end_to_end import killed_runs

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)


# Traced graphs are many small objects, and looking through all that are left
# took a seventh of the suite's time.
gc.set_threshold(20_000, 50, 50)


@pytest.fixture(scope="session")
def two_replicas():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture(autouse=True)
def float32_again():
    """Models set the dtype policy of the process; no test inherits it."""
    yield
    keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory):
    """Creatures of three species at 32 px, prepared by the real command."""
    folder = tmp_path_factory.mktemp("data")
    killed_runs.prepare(folder)
    return str(folder)


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
def finished(tiny, tmp_path_factory):
    """The run directory of a run of four steps."""
    path = tmp_path_factory.mktemp("runs") / "finished"
    trainer.train(tiny(path), "--steps=4\n", lambda step, translator: {})
    return path


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)],
        capture_output=True,
    )
    if not mounted or mounted.returncode:
        pytest.skip("a file system of 1 MB cannot be mounted here")
    yield place
    # Lazily: after an error, TensorFlow may hold a file open for a while.
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def store(monkeypatch):
    """In the place of the coordination service: words, and no waiting."""
    words = {}
    monkeypatch.setattr(coordination, "_put", words.setdefault)
    monkeypatch.setattr(coordination, "_get", words.get)
    monkeypatch.setattr(coordination, "_FAREWELL_SECONDS", 0.05)
    monkeypatch.setattr(coordination, "_PARTING_SECONDS", 0.05)
    return words
