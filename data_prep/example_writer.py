"""Writes records whose bytes depend on their content alone.

A record is a protocol buffer with a map from feature names to values. TFDS
writes the map in an order that changes from process to process, so that
preparing the same pictures twice would give other bytes and other checksums.
"""

from collections.abc import Iterable

import tensorflow as tf
import tensorflow_datasets as tfds


def sorted_record(record: bytes) -> bytes:
    """Returns the same record with its features in the order of their names.

    Args:
        record: a serialized `tf.train.Example`.
    """
    example = tf.train.Example.FromString(record)
    return example.SerializeToString(deterministic=True)


class SortedExampleWriter(tfds.core.ExampleWriter):
    """An `ExampleWriter` of sorted records.

    Args:
        file_format: of the shards.
    """

    def write(self, path: str, examples: Iterable[tuple]) -> object:
        """Writes a shard.

        Args:
            path: of the shard.
            examples: (key, serialized example) pairs.

        Returns:
            What the format's own writer returns: positions, if it has any.
        """
        pairs = ((key, sorted_record(record)) for key, record in examples)
        return super().write(path, pairs)
