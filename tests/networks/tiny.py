"""The smallest networks that have every part, attention included."""

import numpy as np

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import feature_resolutions, z_length
from deepi2i_tf.networks.channels import generator_channels

CONFIG = NetworkConfig(
    resolution=32,
    num_classes=3,
    ch=2,
    dim_z=8,
    shared_dim=4,
    attention_resolutions=(16,),
    injection_weights=(1.0, 0.5, 1.0, 0.1),
)


def images(config=CONFIG, batch=2, seed=0):
    shape = (batch, config.resolution, config.resolution, 3)
    draw = np.random.default_rng(seed).standard_normal(shape)
    return np.tanh(draw).astype(np.float32)


def z(config=CONFIG, batch=2, seed=0):
    draw = np.random.default_rng(seed).standard_normal(
        (batch, z_length(config))
    )
    return draw.astype(np.float32)


def labels(config=CONFIG, batch=2):
    return np.arange(batch, dtype=np.int32) % config.num_classes


def adapted(config=CONFIG, batch=2, seed=0):
    """Feature maps as an adaptor would give them."""
    stream = np.random.default_rng(seed)
    return {
        size: stream.standard_normal(
            (batch, size, size, generator_channels(config)[size])
        ).astype(np.float32)
        for size in feature_resolutions(config.resolution)
    }
