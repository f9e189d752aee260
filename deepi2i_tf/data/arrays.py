"""Examples of a split as numpy arrays, for evaluation and sample sheets."""

import collections

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.decode import decode_records, parse_records
from deepi2i_tf.data.prepared.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.data.prepared.split_membership import split_records

_CHUNK = 256


def load_arrays(
    prepared: PreparedData,
    split: str,
    limit: int | None = None,
    per_class: int | None = None,
) -> dict[str, np.ndarray]:
    """Reads examples of a split into memory, in stored order.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.
        limit: examples to read at most; None reads all.
        per_class: the same of each class; None reads all.

    Returns:
        {"image": uint8 (n, R, R, 3), "label": int32 (n,), and where the data
        set has them "id": object (n,) of bytes, "pose": float32 (n, 5),
        "pair": int64 (n,)}.

    Raises:
        UserError: a damaged shard.
    """
    try:
        records = _select(prepared, split, limit, per_class)
        chunks = [
            decode_records(
                tf.constant(records[start : start + _CHUNK]),
                prepared.features,
                prepared,
            )
            for start in range(0, len(records), _CHUNK)
        ]
    except DATA_ERRORS as error:
        raise describe_data_error(error, prepared) from error
    return {
        name: np.concatenate([chunk[name].numpy() for chunk in chunks])
        for name in chunks[0]
    }


def _select(
    prepared: PreparedData,
    split: str,
    limit: int | None,
    per_class: int | None,
) -> list[bytes]:
    """Records of the wanted examples, chosen by label before any is decoded."""
    length = prepared.num_examples[split]
    limit = length if limit is None else limit
    per_class = length if per_class is None else per_class
    wanted = min(limit, per_class * prepared.num_classes)
    seen = collections.Counter()
    chosen = []
    for batch in split_records(prepared, split).batch(_CHUNK):
        parsed = parse_records(batch, ("label",), prepared.stored_names)
        labels = parsed["label"].numpy()
        for record, label in zip(batch.numpy(), labels, strict=True):
            if len(chosen) >= wanted:
                return chosen
            if seen[label] < per_class:
                seen[label] += 1
                chosen.append(record)
    return chosen
