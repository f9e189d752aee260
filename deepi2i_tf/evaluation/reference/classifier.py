"""Training of the classifier behind RC and FC: one recipe for both.

RC's classifier learns real images, FC's learns translations; nothing else
differs.
"""

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowView
from deepi2i_tf.evaluation.reference.networks import build_classifier
from deepi2i_tf.evaluation.reference.training import (
    Images,
    Say,
    Task,
    fit,
    predict,
)
from deepi2i_tf.metrics.classifier_scores import accuracy, confusion_matrix


def train_classifier(
    network: keras.Model,
    images: Images,
    labels: np.ndarray,
    recipe: ReferenceTrainingConfig,
    seed: int,
    say: Say,
    name: str = "classifier",
) -> None:
    """Trains a classifier until its validation accuracy stops rising.

    Args:
        network: of `build_classifier`; changed in place.
        images: uint8, (n, side, side, 3), in random order.
        labels: int32, (n,), in [0, classes).
        recipe: numbers of the training.
        seed: seed of order and augmentation.
        say: takes progress lines.
        name: told in them.
    """
    num_classes = network.output_shape[-1]

    def score(logits: np.ndarray, wanted: np.ndarray) -> float:
        seen = logits.argmax(axis=1)
        return accuracy(confusion_matrix(wanted, seen, num_classes))

    task = Task(
        name=name,
        steps=recipe.longest(num_classes),
        good=recipe.good_accuracy,
        move=True,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        score=score,
    )
    fit(network, task, images, labels, recipe, seed, say)


def fake_classifier_confusion(
    translations: Images,
    targets: np.ndarray,
    reals: Images,
    labels: np.ndarray,
    num_classes: int,
    recipe: ReferenceTrainingConfig,
    seed: int,
    say: Say,
) -> np.ndarray:
    """Trains FC's classifier on translations and shows it real images.

    Args:
        translations: uint8, (n, side, side, 3), in any order.
        targets: int32, (n,): their target classes.
        reals: uint8, (m, side, side, 3): real test images.
        labels: int32, (m,): their classes.
        num_classes: number of classes.
        recipe: the recipe of the classifier behind RC.
        seed: its seed.
        say: takes progress lines.

    Returns:
        int64, (classes, classes): rows are classes of the real images,
        columns what the classifier takes them for.
    """
    order = np.random.default_rng(seed).permutation(len(targets))
    network = build_classifier(reals.shape[1], num_classes, recipe, seed)
    train_classifier(
        network,
        RowView(translations, order),
        targets[order],
        recipe,
        seed,
        say,
        name="fake classifier",
    )
    seen = predict(network, reals).argmax(axis=1)
    return confusion_matrix(labels, seen, num_classes)
