"""Tests of how a batch is cut into rounds of micro-batches."""

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.models.micro_batches import cut_rounds
from deepi2i_tf.models.noise import draw
from deepi2i_tf.networks import z_length

STEP = tf.constant(2, tf.int64)


def cut(**training):
    config = Config(
        network=NetworkConfig(resolution=32, num_classes=3),
        training=TrainingConfig(batch_size=2, **training),
    )
    rows = config.training.images_per_step
    batch = {"source": tf.range(rows), "target": -tf.range(rows)}
    return config, cut_rounds(batch, STEP, config)


def test_images_are_cut_in_order():
    _, rounds = cut(num_accumulations=3, discriminator_steps=2)
    sources = [
        [list(micro.images["source"].numpy()) for micro in micros]
        for micros in rounds
    ]
    assert sources == [[[0, 1], [2, 3], [4, 5]], [[6, 7], [8, 9], [10, 11]]]


def test_accumulated_draws_are_those_of_the_larger_batch():
    config, ((*micros,),) = cut(num_accumulations=3)
    ((z, labels),) = draw(0, STEP, 0, 6, z_length(config.network), 3)
    parts = [micro.generator for micro in micros]
    np.testing.assert_array_equal(np.concatenate([p[0] for p in parts]), z)
    np.testing.assert_array_equal(np.concatenate([p[1] for p in parts]), labels)


def test_phases_and_rounds_draw_differently():
    _, ((one,), (two,)) = cut(discriminator_steps=2)
    assert np.abs(one.discriminator[0] - two.discriminator[0]).max() > 0.1
    assert np.abs(one.discriminator[0] - one.generator[0]).max() > 0.1
    np.testing.assert_array_equal(one.generator[0], two.generator[0])
