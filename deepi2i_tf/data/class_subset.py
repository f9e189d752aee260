"""Some classes of a prepared data set as if it had no others.

`--held_out_classes` keeps classes out of training, as sources and as targets;
an evaluation then translates from them. Which records are of which class is
read once, from all labels in stored order. After that, whether a record is
there follows from its place alone, as for held-out records (`held_out`), so
that a run resumes by arithmetic as ever.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.data.decode import parse_records
from deepi2i_tf.data.held_out import belonging
from deepi2i_tf.data.prepared import SPLITS, PreparedData
from deepi2i_tf.utils.errors import UserError

_CHUNK = 1024


def without_classes(
    prepared: PreparedData, held_out: Sequence[str]
) -> PreparedData:
    """The data set without some of its classes.

    Args:
        prepared: the data set.
        held_out: names of classes; none leaves it as it is.

    Raises:
        UserError: there is no class of a name, or no image is left.
    """
    _require_known(prepared, held_out)
    kept = [name for name in prepared.class_names if name not in held_out]
    return only_classes(prepared, kept) if held_out else prepared


def only_classes(
    prepared: PreparedData, class_names: Sequence[str]
) -> PreparedData:
    """The data set with some of its classes, in their stored order.

    Args:
        prepared: the data set.
        class_names: names of classes that it has.

    Returns:
        The data set; labels are places among those classes.

    Raises:
        UserError: there is no class of a name, no image is left in a split, or
            a shard is damaged.
    """
    _require_known(prepared, class_names)
    kept = [n for n in prepared.class_names if n in class_names]
    label_of = tuple(
        kept.index(name) if name in kept else -1
        for name in prepared.class_names
    )
    chosen = {
        split: _chosen(prepared, split, np.array(label_of))
        for split in SPLITS
    }
    counts = {split: int(mask.sum()) for split, mask in chosen.items()}
    if not all(counts.values()):
        raise UserError(
            f"Expected images of {', '.join(kept) or 'any class'} in both "
            f"splits of {prepared.path}. Received: {counts['train']} train "
            f"and {counts['test']} test images. Hold other classes out."
        )
    return dataclasses.replace(
        prepared,
        class_names=tuple(kept),
        num_examples=counts,
        label_of=label_of,
        chosen=chosen,
    )


def _chosen(
    prepared: PreparedData, split: str, label_of: np.ndarray
) -> np.ndarray:
    """Which of all stored records belong to the split and to the classes."""
    records = tf.data.TFRecordDataset(prepared.shard_paths(split))
    labels = records.batch(_CHUNK).map(
        lambda batch: parse_records(batch, ("label",), prepared.stored_names),
        num_parallel_calls=tf.data.AUTOTUNE,
        deterministic=True,
    )
    try:
        read = [batch["label"] for batch in labels.as_numpy_iterator()]
        stored = label_of[np.concatenate(read)]
    except (*DATA_ERRORS, IndexError) as error:
        raise describe_data_error(error, prepared) from error
    places = np.arange(len(stored))
    return (stored >= 0) & belonging(prepared, split, places)


def _require_known(prepared: PreparedData, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in prepared.class_names]
    if unknown:
        raise UserError(
            f"Expected --held_out_classes to name classes of {prepared.path}, "
            f"such as {prepared.class_names[0]}. Received: "
            f"{', '.join(unknown)}. Correct them."
        )
