"""The pictures of a report: what `pictures.npz` holds.

All are uint8, sides R; keys of what a subject cannot give are absent.

- `sources` (S, R, R, 3), `source_labels` (S,): -1 where unknown
- `grid` (T, S, R, R, 3), `grid_targets` (T,): the sources in up to 24 classes
- `random` (N, R, R, 3), `random_targets` (N,): up to 48, drawn evenly
- `class_strips` (K, steps, R, R, 3), `class_strip_targets` (K, 2)
- `z_strips` (K, steps, R, R, 3), `z_strip_targets` (K,)
- `nearest_query` (Q, R, R, 3), `nearest_found` (Q, 3, R, R, 3),
  `nearest_distance` (Q, 3)
- `confusion` (classes, classes), int64: rows wanted, columns seen
"""

import numpy as np

from deepi2i_tf.evaluation.class_tally import CHOSEN, SHOWN
from deepi2i_tf.evaluation.evaluator import Evaluation, Measurement
from deepi2i_tf.evaluation.images.labelled_images import TRAIN
from deepi2i_tf.evaluation.images.real_images import RealImages
from deepi2i_tf.evaluation.pictures.nearest import nearest_images
from deepi2i_tf.evaluation.pictures.samples import (
    MAX_GRID_ROWS,
)
from deepi2i_tf.evaluation.scores import seen_confusion
from deepi2i_tf.utils.spacing import evenly_spaced

Pictures = dict[str, np.ndarray]


def collect_pictures(
    measurement: Measurement,
    evaluation: Evaluation,
    sources: RealImages | None,
) -> Pictures:
    """Pictures that the pass over translations left, and their neighbours.

    Args:
        measurement: of one subject.
        evaluation: what it was measured with.
        sources: the first sources, or None where they are unknown.
    """
    results, samples = measurement.results, measurement.samples
    pictures: Pictures = {
        "random": samples.in_order([each[CHOSEN] for each in results]),
        "random_targets": samples.targets,
        "confusion": seen_confusion(results),
    }
    if sources is not None:
        targets = evenly_spaced(len(results), MAX_GRID_ROWS)
        pictures |= {
            "sources": sources.images,
            "source_labels": sources.labels,
            "grid": np.stack([results[c][SHOWN] for c in targets]),
            "grid_targets": targets,
        }
    if evaluation.reals_split == TRAIN:
        pictures |= nearest_images(measurement, evaluation.reals)
    return pictures
