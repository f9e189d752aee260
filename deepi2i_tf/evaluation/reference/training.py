"""The training loop of the judge's networks.

A plain loop, apart from `keras.Model.fit`, for one reason: order and
augmentation come from one seeded generator, so the same images, recipe and
seed give the same judge.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowFile, RowView
from deepi2i_tf.evaluation.reference.images import augment, shrink, to_floats

PREDICTION_BATCH = 250

Say = Callable[[str], None]
Images = np.ndarray | RowFile | RowView


@dataclasses.dataclass(frozen=True)
class Task:
    """What one network of the judge learns.

    Args:
        name: told in the progress lines.
        steps: longest training.
        good: validation score at which training stops.
        move: whether the augmentation may mirror and shift.
        loss: Keras loss of (targets, outputs).
        score: (outputs, targets) -> number, the larger the better.
    """

    name: str
    steps: int
    good: float
    move: bool
    loss: keras.Loss
    score: Callable[[np.ndarray, np.ndarray], float]


def predict(network: keras.Model, images: Images) -> np.ndarray:
    """Output of a network for any number of images.

    Args:
        network: one of the judge's networks, with one output.
        images: uint8, (n, side, side, 3), the network's side or larger.

    Returns:
        float32, (n, outputs).
    """
    return predict_all(network, images)[0]


def predict_all(network: keras.Model, images: Images) -> list[np.ndarray]:
    """Every output of a network for any number of images.

    Args:
        network: one of the judge's networks, or a part of one.
        images: uint8, (n, side, side, 3), the network's side or larger.

    Returns:
        One float32 array of (n, outputs) for each output.
    """
    side = network.input_shape[1]
    batches = []
    for start in range(0, len(images), PREDICTION_BATCH):
        batch = shrink(images[start : start + PREDICTION_BATCH], side)
        outputs = network(to_floats(batch), training=False)
        batches.append(keras.tree.flatten(outputs))
    return [
        np.concatenate([np.asarray(output) for output in outputs])
        for outputs in zip(*batches, strict=True)
    ]


def fit(
    network: keras.Model,
    task: Task,
    images: Images,
    targets: np.ndarray,
    recipe: ReferenceTrainingConfig,
    seed: int,
    say: Say,
) -> float:
    """Trains a network until its validation score stops rising.

    The network ends with the weights of its best look at the validation
    images, which are the last `recipe.validation_share` of the images: the
    caller hands them over in random order.

    Args:
        network: the network; changed in place.
        task: loss, score and bounds.
        images: uint8, (n, side, side, 3), the network's side.
        targets: (n,) int32 classes or (n, components) float32.
        recipe: numbers of the training.
        seed: seed of order and augmentation.
        say: takes progress lines.

    Returns:
        The best validation score.
    """
    share = round(len(images) * recipe.validation_share)
    cut = len(images) - max(1, share)
    shown, wanted = images[cut:], targets[cut:]
    best = _Best(network)
    for step in _train(network, task, images, targets[:cut], recipe, seed):
        score = task.score(predict(network, shown), wanted)
        best.look(score)
        say(f"judge: {task.name} step {step}, validation {score:.4f}")
        if score >= task.good or best.stale >= recipe.patience:
            break
    best.restore()
    return best.score


def _train(
    network: keras.Model,
    task: Task,
    images: Images,
    targets: np.ndarray,
    recipe: ReferenceTrainingConfig,
    seed: int,
) -> Iterator[int]:
    """Trains, and yields the step whenever a look is due.

    Images beyond the targets are for validation.
    """
    optimizer = keras.optimizers.Adam(recipe.learning_rate)
    network.compile(optimizer, task.loss, jit_compile=False)
    generator = np.random.default_rng(seed)
    batches = _batches(len(targets), recipe.batch_size, generator)
    for step, chosen in zip(range(1, task.steps + 1), batches, strict=False):
        optimizer.learning_rate = _learning_rate(step, task.steps, recipe)
        batch = augment(images[chosen], recipe, generator, task.move)
        network.train_on_batch(batch, targets[chosen])
        if step % recipe.validate_every == 0 or step == task.steps:
            yield step


class _Best:
    """Remembers the weights of the best validation score."""

    def __init__(self, network: keras.Model) -> None:
        self._network = network
        self._weights = network.get_weights()
        self.score = -math.inf
        self.stale = 0

    def look(self, score: float) -> None:
        self.stale += 1
        if score > self.score:
            self.score, self.stale = score, 0
            self._weights = self._network.get_weights()

    def restore(self) -> None:
        self._network.set_weights(self._weights)


def _learning_rate(
    step: int, steps: int, recipe: ReferenceTrainingConfig
) -> float:
    warm = min(1.0, step / min(50, steps))
    cosine = 0.5 * (1.0 + math.cos(math.pi * (step - 1) / steps))
    return recipe.learning_rate * warm * cosine


def _batches(
    count: int, batch_size: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    batch_size = min(batch_size, count)
    while True:
        order = generator.permutation(count)
        for start in range(0, count - batch_size + 1, batch_size):
            yield order[start : start + batch_size]
