"""A prepared data set restricted to some of its classes.

`--held_out_classes` keeps classes out of training, as sources and as targets;
an evaluation then translates from them. Which records are of which class is
read once, from all labels in stored order. After that, whether a record is
read follows from its index alone (`split_membership`), so that a run resumes
by arithmetic as ever.
"""

import dataclasses
from collections.abc import Sequence

import numpy as np

from deepi2i_tf.data.decode import read_labels
from deepi2i_tf.data.prepared.integrity import DATA_ERRORS, describe_data_error
from deepi2i_tf.data.prepared.prepared_data import SPLITS, PreparedData
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import find_name


def without_classes(
    prepared: PreparedData, held_out: Sequence[str]
) -> PreparedData:
    """The data set without the classes of these names; none leaves it as it is.

    Raises:
        UserError: there is no class of a name, or no image is left.
    """
    held_out = _stored_names(prepared, held_out)
    kept = [name for name in prepared.class_names if name not in held_out]
    return only_classes(prepared, kept) if held_out else prepared


def only_classes(
    prepared: PreparedData, class_names: Sequence[str]
) -> PreparedData:
    """The data set with these classes only, in their stored order.

    Labels count those classes.

    Raises:
        UserError: there is no class of a name, no image is left in a split, or
            a shard is damaged.
    """
    class_names = _stored_names(prepared, class_names)
    kept = [n for n in prepared.class_names if n in class_names]
    label_of = tuple(
        kept.index(name) if name in kept else -1
        for name in prepared.class_names
    )
    chosen = {
        split: _chosen(prepared, split, np.array(label_of)) for split in SPLITS
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
    labels = read_labels(prepared.shard_paths(split), prepared.stored_names)
    try:
        stored = label_of[np.concatenate(list(labels.as_numpy_iterator()))]
        return (stored >= 0) & prepared.chosen.get(split, True)
    # The last two: a label that there is none of, records too few or too many.
    except (*DATA_ERRORS, IndexError, ValueError) as error:
        raise describe_data_error(error, prepared) from error


def _stored_names(
    prepared: PreparedData, names: Sequence[str]
) -> list[str | None]:
    """The names as the set has them, whose Unicode form may be another."""
    found = [find_name(name, prepared.class_names) for name in names]
    if None in found:
        unknown = [n for n, own in zip(names, found, strict=True) if not own]
        raise UserError(
            f"Expected --held_out_classes to name classes of {prepared.path}, "
            f"such as {prepared.class_names[0]}. Received: "
            f"{', '.join(unknown)}. Correct them."
        )
    return found
