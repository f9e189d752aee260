"""The order in which examples are seen: a function of (seed, index).

An index counts the images of one stream from the beginning of the run; with
n images in a split it belongs to epoch `index // n`. All that is random in an
epoch is drawn from (seed, stream, epoch) by stateless operations, so neither
`tf.random.set_seed` nor what was read before matters, and a run resumes at an
index that is found by arithmetic.
"""

import dataclasses
from collections.abc import Callable

import numpy as np
import tensorflow as tf

# A name's position is part of every order drawn from it: append, never reorder.
STREAMS = (
    "source order",
    "target order",
    "source window",
    "target window",
    "source flip",
    "target flip",
)


@dataclasses.dataclass(frozen=True)
class Stream:
    """The batches of one side of the pairs, from some index on.

    Args:
        side: `"source"` or `"target"`.
        batch_size: images of a batch.
        seed: seed of the run, any integer >= 0.
        start: index of the first image.
    """

    side: str
    batch_size: int
    seed: int
    start: int = 0

    def key(self, name: str) -> int:
        """The key of what `name` draws for this side; see `STREAMS`."""
        return stream_key(self.seed, f"{self.side} {name}")


def stream_key(seed: int, stream: str) -> int:
    """Folds a run's seed with the name of one of the independent `STREAMS`.

    Returns:
        An integer in [0, 2**63), the same on every machine.
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(STREAMS.index(stream),))
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))


def permutation(key: int, draw: tf.Tensor, length: tf.Tensor) -> tf.Tensor:
    """A uniformly random permutation.

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
    """A random boolean mask, bool (length,); arguments as of `permutation`."""
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
    """Repeats epochs of `length` elements without end, from any index on.

    Nothing before `start` is read, but what `epoch_of` itself passes over.

    Args:
        epoch_of: (epoch, passed), int64, () -> data set of the elements of
            the epoch behind its first `passed` ones.
        length: elements of an epoch.
        start: index of the first element.
    """
    first = start // length

    def begun(epoch: tf.Tensor) -> tf.data.Dataset:
        passed = tf.where(epoch == first, start % length, 0)
        return epoch_of(epoch, tf.cast(passed, tf.int64))

    return tf.data.Dataset.counter(first, dtype=tf.int64).flat_map(begun)
