"""The smallest StarGAN, SDIT and DMIT, and batches for them."""

import numpy as np

from deepi2i_tf.config import (
    BaselineConfig,
    Config,
    NetworkConfig,
    OptimizerConfig,
    TrainingConfig,
)
from tests.networks import tiny

# Of less, a relu whose input is 0 but for rounding decides a gradient; see
# critic_model_test.py.
_SMALL = {"resolution": 32, "num_classes": 3, "ch": 4}
NETWORKS = {
    "stargan": NetworkConfig(model="stargan", **_SMALL),
    "sdit": NetworkConfig(model="sdit", dim_z=8, **_SMALL),
    "dmit": NetworkConfig(model="dmit", dim_z=8, **_SMALL),
}


def config(model, baselines=None, optimizer=None, **training) -> Config:
    return Config(
        network=NETWORKS[model],
        baselines=BaselineConfig(**(baselines or {})),
        optimizer=OptimizerConfig(
            **{"average_decay": 0.9, "beta_1": 0.5, **(optimizer or {})}
        ),
        training=TrainingConfig(**{"batch_size": 2, "seed": 1, **training}),
    )


def batch(made: Config, seed: int = 0) -> dict[str, np.ndarray]:
    """The pipeline's dict for one step of a configuration."""
    rows = made.training.images_per_step
    labels = np.random.default_rng(seed).integers(0, 3, rows, np.int32)
    images = tiny.images(made.network, rows, seed)
    return {"source": images, "source_label": labels}
