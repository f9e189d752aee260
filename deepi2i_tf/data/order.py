"""The order in which examples are seen: a function of (seed, index).

An index counts the images of one stream from the beginning of the run; with
n images in a split it belongs to epoch `index // n`. All that is random in an
epoch is drawn from (seed, stream, epoch) by stateless operations, so neither
`tf.random.set_seed` nor what was read before matters, and a run resumes at an
index that is found by arithmetic.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

# A name's place is part of every order drawn from it: append, never reorder.
STREAMS = (
    "source order",
    "target order",
    "source block",
    "target block",
    "source flip",
    "target flip",
)


def stream_key(seed: int, stream: str) -> int:
    """Folds a run's seed with the name of one independent random stream.

    Args:
        seed: seed of the run, any integer >= 0.
        stream: one of `STREAMS`.

    Returns:
        An integer in [0, 2**63), the same on every machine.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(STREAMS.index(stream),))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def permutation(key: int, draw: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """A uniformly random order of `length` things.

    Args:
        key: from `stream_key`.
        draw: int64, (), which permutation of this key; mostly the epoch.
        length: int32 or int64, ().

    Returns:
        int32, (length,): every number of [0, length) once.
    """
    draws = tf.random.stateless_uniform(
        [length],
        seed=_draw_seed(key, draw),
        minval=None,
        maxval=None,
        dtype=tf.int32,
        alg="philox",
    )
    return tf.argsort(draws, stable=True)


def random_mask(key: int, draw: tf.Tensor, length: int) -> tf.Tensor:
    """One fair coin for each image of an epoch.

    Args:
        key: from `stream_key`.
        draw: int64, (), the epoch.
        length: images of an epoch.

    Returns:
        bool, (length,).
    """
    draws = tf.random.stateless_uniform(
        [length], seed=_draw_seed(key, draw), alg="philox"
    )
    return draws < 0.5


def _draw_seed(key: int, draw: tf.Tensor) -> tf.Tensor:
    return tf.stack([tf.constant(key, tf.int64), tf.cast(draw, tf.int64)])


def repeat_epochs(
    epoch_of: Callable[[tf.Tensor, tf.Tensor], tf.data.Dataset],
    length: int,
    start: int,
) -> tf.data.Dataset:
    """One epoch after the other, from any index on.

    Args:
        epoch_of: (epoch, passed), int64, () -> data set of what the epoch
            holds after its first `passed` things.
        length: things of an epoch.
        start: index of the first thing to yield.

    Returns:
        An infinite data set; whatever `start` is, nothing is read in vain
        but what `epoch_of` itself passes over.
    """
    first = start // length

    def begun(epoch: tf.Tensor) -> tf.data.Dataset:
        passed = tf.where(epoch == first, start % length, 0)
        return epoch_of(epoch, tf.cast(passed, tf.int64))

    return tf.data.Dataset.counter(first, dtype=tf.int64).flat_map(begun)
