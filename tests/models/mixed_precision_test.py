"""200 steps in bfloat16 against the same 200 in float32.

The same weights, images, noise and order; what differs is rounding, 2^-9 of
each activation. Adam without a first moment divides each gradient by its
size, so that a weight whose gradient is mostly rounding walks at full rate
all the same: weights need not stay together, what they compute has to. The
bounds are about twice what was seen, and less than what else would pass. "Once"
is float32 throughout, from first weights that were moved by a random part of
2^-9 once. Of D's loss and the reconstruction bfloat16 strays up to 2.5 times as
far as such a start, of everything else less.

| quantity | seen | once | bound | for comparison |
| --- | --- | --- | --- | --- |
| D's loss, mean of 50 steps | 0.044 | 0.032 | 0.09 | deviation 0.26 |
| G's loss | 0.16 | 0.38 | 0.35 | deviation 0.58 |
| reconstruction, of its mean 0.035 | 0.0005 | 0.0002 | 0.001 | fell by 0.008 |
| distance of G over what it moved | 0.25 | 0.32 | 0.5 | unrelated: 1.4 |
| of D | 0.19 | 0.22 | 0.5 | unrelated: 1.4 |
| of all networks | 0.61 | 0.69 | 0.9 | unrelated: 1.4 |
"""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import build_model
from tests.models import tiny

STEPS, WINDOW, BATCHES = 200, 50, 8


def trained(precision):
    """Weights before and after, and the losses of every step."""
    made = tiny.config(mixed_precision=precision, batch_size=4)
    model = build_model(made)
    before = tiny.values(model)
    step = tf.function(model.train_step, autograph=False)
    batches = [
        {k: tf.constant(v) for k, v in tiny.batch(made, seed).items()}
        for seed in range(BATCHES)
    ]
    logs = [step(batches[index % BATCHES]) for index in range(STEPS)]
    losses = {name: np.array([log[name] for log in logs]) for name in logs[0]}
    names = {
        f"{network}/{weight.path}"
        for network, made in model.networks.items()
        for weight in made.trainable_weights
    }
    return before, tiny.values(model), losses, names


@pytest.fixture(scope="module")
def runs():
    return trained("float32"), trained("mixed_bfloat16")


def running_mean(values):
    return np.convolve(values, np.full(WINDOW, 1.0 / WINDOW), "valid")


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("discriminator_loss", 0.09),
        ("generator_loss", 0.35),
        ("reconstruction", 0.001),
    ],
)
def test_the_losses_follow(runs, name, bound):
    full, half = (running_mean(losses[name]) for _, _, losses, _ in runs)
    assert np.abs(full - half).max() < bound


@pytest.mark.parametrize(
    ("network", "bound"),
    [("generator", 0.5), ("discriminator", 0.5), ("", 0.9)],
)
def test_the_weights_follow(runs, network, bound):
    (before, full, _, names), (start, half, _, _) = runs
    names = [name for name in names if name.startswith(network)]

    def distance(one, other):
        return np.sqrt(
            sum(((one[name] - other[name]) ** 2).sum() for name in names)
        )

    assert distance(before, start) == 0.0
    assert 0.0 < distance(full, half) < bound * distance(before, full)
