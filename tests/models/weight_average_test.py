"""Tests of the weight averages, against tensorflow-addons' too."""

from pathlib import Path

import keras
import numpy as np

from deepi2i_tf.layers import SpectralDense
from deepi2i_tf.models.weight_average import WeightAverage

GOLDEN = Path(__file__).parents[1] / "golden/tensorflow_addons.npz"


class Vector(keras.Model):
    """A model of one trained vector and one state."""

    def __init__(self, start):
        super().__init__()
        self.vector = self.add_weight(shape=start.shape, initializer="zeros")
        self.state = self.add_weight(shape=(), trainable=False)
        self.vector.assign(start)
        self.built = True


def test_without_warm_up_it_is_what_addons_averaged():
    golden = np.load(GOLDEN)
    start = golden["moving_average/start"]
    source, averaged = Vector(start), Vector(start)
    average = WeightAverage(
        source,
        averaged,
        float(golden["moving_average/decay"]),
        warms_up=False,
    )
    steps = zip(
        golden["moving_average/weights"],
        golden["moving_average/averages"],
        strict=True,
    )
    for step, (weights, averages) in enumerate(steps):
        source.vector.assign(weights)
        average.update(step)
        np.testing.assert_allclose(averaged.vector.numpy(), averages, rtol=1e-6)


def test_the_warm_up_forgets_the_start():
    source, averaged = Vector(np.ones(2)), Vector(np.zeros(2))
    average = WeightAverage(source, averaged, 0.999)
    # d_0 = 1 / 10: nine tenths of the way in the first step.
    average.update(0)
    np.testing.assert_allclose(averaged.vector.numpy(), 0.9, rtol=1e-6)
    # d_90 = 91 / 100.
    average.update(90)
    np.testing.assert_allclose(
        averaged.vector.numpy(), 1.0 - 0.91 * 0.1, rtol=1e-6
    )


def test_after_the_warm_up_the_decay_holds():
    source, averaged = Vector(np.ones(2)), Vector(np.zeros(2))
    WeightAverage(source, averaged, 0.9).update(10_000)
    np.testing.assert_allclose(averaged.vector.numpy(), 0.1, rtol=1e-5)


def test_states_are_copied():
    source, averaged = Vector(np.ones(2)), Vector(np.ones(2))
    source.state.assign(5.0)
    WeightAverage(source, averaged, 0.9).update(3)
    assert float(averaged.state.numpy()) == 5.0


def test_power_iteration_vectors_are_copied():
    source, averaged = (
        keras.Sequential([keras.Input((3,)), SpectralDense(2)])
        for _ in range(2)
    )
    source(np.ones((1, 3)), training=True)
    WeightAverage(source, averaged, 0.9).update(3)
    np.testing.assert_array_equal(
        averaged.layers[0].u.numpy(), source.layers[0].u.numpy()
    )


def test_a_reset_copies_everything():
    source, averaged = Vector(np.ones(2)), Vector(np.zeros(2))
    source.state.assign(5.0)
    WeightAverage(source, averaged, 0.9).reset()
    np.testing.assert_array_equal(averaged.vector.numpy(), np.ones(2))
    assert float(averaged.state.numpy()) == 5.0
