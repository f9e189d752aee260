"""A tiny experiment, its batches, and what a step did to the weights."""

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import (
    Config,
    ObjectiveConfig,
    OptimizerConfig,
    TrainingConfig,
)
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.networks import NETWORK_NAMES
from tests.networks import tiny

NETWORK = tiny.CONFIG
TRANSLATOR = ("encoder", "adaptor", "generator")


def dense(gradient) -> np.ndarray:
    """A gradient as an array; that of an embedding comes in slices."""
    return tf.convert_to_tensor(gradient).numpy()


class Recorder(keras.optimizers.SGD):
    """Keeps the gradients it is given and leaves the weights alone."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.calls = []

    def apply(self, grads, trainable_variables=None):
        self.calls.append([dense(gradient) for gradient in grads])


def config(objective=None, average_decay=0.9, **training) -> Config:
    return Config(
        network=NETWORK,
        objective=ObjectiveConfig(**(objective or {})),
        optimizer=OptimizerConfig(average_decay=average_decay),
        training=TrainingConfig(**{"batch_size": 2, "seed": 1, **training}),
    )


def batch(made: Config, seed: int = 0) -> dict[str, np.ndarray]:
    """The pipeline's dict for one step of a configuration."""
    rows = made.training.images_per_step
    stream = np.random.default_rng(seed)

    def labels():
        return stream.integers(0, NETWORK.num_classes, rows, np.int32)

    return {
        "source": tiny.images(batch=rows, seed=seed),
        "source_label": labels(),
        "target": tiny.images(batch=rows, seed=seed + 1),
        "target_label": labels(),
    }


def recording(made: Config) -> DeepI2I:
    """A model whose steps move states only, and record gradients."""
    model = DeepI2I(made)
    model.compile(**{f"{name}_optimizer": Recorder() for name in NETWORK_NAMES})
    return model


def values(model: DeepI2I) -> dict[str, np.ndarray]:
    """Every weight by network and path."""
    return {name: w.numpy() for name, w in model.named_weights()}


def unmoved(before: dict, after: dict) -> set[str]:
    """Names of the weights that are bit for bit the same.

    Sigmas are left out: that of an orthogonal kernel is 1 and may stay so.
    """
    return {
        name
        for name, value in before.items()
        if not name.endswith("/sigma") and np.array_equal(value, after[name])
    }
