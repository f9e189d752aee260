"""Training of the reference models: `fit` on seeded batches, stopping early.

Which images step n sees and how they are changed follows from the seed and n
alone, so the same images, numbers and seed give the same weights.
"""

import dataclasses

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowFile, RowView
from deepi2i_tf.utils.image_geometry import to_signed
from deepi2i_tf.utils.progress import progress_bar

VALIDATION_BATCH = 250
_SCORE = "score"  # Keras calls it val_score on the held-out images.

Images = np.ndarray | RowFile | RowView
Batch = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Task:
    """What one network learns.

    Args:
        name: what it is, for progress lines.
        steps: longest training.
        good: validation score at which training stops.
        move: whether the augmentation may mirror and shift.
        loss: Keras loss of (targets, outputs).
        score: Keras metric, the larger the better.
    """

    name: str
    steps: int
    good: float
    move: bool
    loss: keras.Loss
    score: keras.Metric


def classification(
    num_classes: int, config: ReferenceTrainingConfig, name: str
) -> Task:
    """To tell classes apart, whichever way an image is turned or moved."""
    return Task(
        name=name,
        steps=config.longest(num_classes),
        good=config.good_accuracy,
        move=True,
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        score=keras.metrics.SparseCategoricalAccuracy(_SCORE),
    )


def pose_regression(config: ReferenceTrainingConfig) -> Task:
    """To read standardised poses, which turning and moving would change."""
    return Task(
        name="pose regressor",
        steps=config.pose_steps,
        good=config.good_pose,
        move=False,
        loss=keras.losses.MeanSquaredError(),
        score=keras.metrics.R2Score(name=_SCORE),
    )


def fit(
    network: keras.Model,
    task: Task,
    images: Images,
    targets: np.ndarray,
    config: ReferenceTrainingConfig,
) -> None:
    """Trains a network until its validation score stops rising.

    It ends with the weights that were best on the validation images, which
    are the last `config.validation_share` of the images: the caller hands
    them over in random order. Steps are rounded down to whole
    `validate_every`.

    Args:
        network: of (batch, side, side, 3); changed in place.
        task: loss, score and bounds.
        images: uint8, (n, side, side, 3).
        targets: (n,) int32 classes or (n, components) float32.
        config: numbers of the training.
    """
    cut = len(images) - max(1, round(len(images) * config.validation_share))
    steps = min(config.validate_every, task.steps)
    epochs = task.steps // steps
    optimizer = keras.optimizers.Adam(_learning_rate(steps * epochs, config))
    network.compile(
        optimizer, task.loss, metrics=[task.score], jit_compile=False
    )
    best = _early_stopping(config)
    with progress_bar(f"steps of the {task.name}", steps * epochs) as bar:
        network.fit(
            TrainingBatches(images, targets[:cut], task.move, config),
            validation_data=ValidationBatches(images[cut:], targets[cut:]),
            steps_per_epoch=steps,
            epochs=epochs,
            shuffle=False,
            verbose=0,
            callbacks=[best, _GoodEnough(task.good), _Progress(bar)],
        )
    print(f"reference models: {task.name}, validation {best.best:.4f}")


class TrainingBatches(keras.utils.PyDataset):
    """Endless batches of shuffled and augmented images.

    Args:
        images: uint8, (n, side, side, 3); those beyond the targets are for
            validation.
        targets: of the images to train on.
        move: whether the augmentation may mirror and shift.
        config: batch size, seed and how far each change may go.
    """

    def __init__(
        self,
        images: Images,
        targets: np.ndarray,
        move: bool,
        config: ReferenceTrainingConfig,
    ) -> None:
        super().__init__()
        self._images, self._targets = images, targets
        self._move, self._config = move, config

    @property
    def num_batches(self) -> None:
        """None: there is no last one."""

    def __getitem__(self, step: int) -> Batch:
        seed, count = self._config.seed, len(self._targets)
        size = min(self._config.batch_size, count)
        epoch, index = divmod(step, count // size)
        order = np.random.default_rng((seed, 0, epoch)).permutation(count)
        chosen = order[index * size : (index + 1) * size]
        generator = np.random.default_rng((seed, 1, step))
        images = augment(
            self._images[chosen], self._config, generator, self._move
        )
        return images, self._targets[chosen]


class ValidationBatches(keras.utils.PyDataset):
    """Images and their targets, in order and unchanged."""

    def __init__(self, images: np.ndarray, targets: np.ndarray) -> None:
        super().__init__()
        self._images, self._targets = images, targets

    def __len__(self) -> int:
        return -(-len(self._targets) // VALIDATION_BATCH)

    def __getitem__(self, index: int) -> Batch:
        rows = slice(index * VALIDATION_BATCH, (index + 1) * VALIDATION_BATCH)
        return to_signed(self._images[rows]), self._targets[rows]


class _GoodEnough(keras.callbacks.Callback):
    """Stops where more training would be idle."""

    def __init__(self, score: float) -> None:
        super().__init__()
        self._score = score

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        if logs[f"val_{_SCORE}"] >= self._score:
            self.model.stop_training = True


class _Progress(keras.callbacks.Callback):
    """Moves the progress bar."""

    def __init__(self, bar) -> None:
        super().__init__()
        self._bar = bar

    def on_train_batch_end(self, batch: int, logs: dict[str, float]) -> None:
        self._bar.update()

    def on_epoch_end(self, epoch: int, logs: dict[str, float]) -> None:
        score = logs[f"val_{_SCORE}"]
        self._bar.set_postfix(validation=f"{score:.4f}", refresh=False)


def _early_stopping(
    config: ReferenceTrainingConfig,
) -> keras.callbacks.EarlyStopping:
    return keras.callbacks.EarlyStopping(
        f"val_{_SCORE}",
        mode="max",
        patience=config.patience,
        restore_best_weights=True,
    )


def _learning_rate(
    steps: int, config: ReferenceTrainingConfig
) -> keras.optimizers.schedules.LearningRateSchedule:
    warm = min(50, steps // 2)
    return keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=steps - warm,
        warmup_target=config.learning_rate,
        warmup_steps=warm,
    )


def augment(
    images: np.ndarray,
    config: ReferenceTrainingConfig,
    generator: np.random.Generator,
    move: bool,
) -> np.ndarray:
    """Changes a batch as real images of one class may differ.

    Args:
        images: uint8, (batch, side, side, 3).
        config: how far each change may go.
        generator: source of every random number.
        move: also mirror and shift; not for poses, which that would change.

    Returns:
        float32, the same shape; values may leave [-1, 1] a little.
    """
    batch = len(images)
    if move:
        images = _flip_and_shift(images, config, generator)
    x = to_signed(images)
    gain = generator.uniform(-1.0, 1.0, (batch, 1, 1, 1)) * config.max_gain
    tint = generator.uniform(-1.0, 1.0, (batch, 1, 1, 3)) * config.max_tint
    return x * (1.0 + gain).astype(np.float32) + tint.astype(np.float32)


def _flip_and_shift(
    images: np.ndarray,
    config: ReferenceTrainingConfig,
    generator: np.random.Generator,
) -> np.ndarray:
    batch, side = images.shape[:2]
    reach = max(1, round(config.max_shift * side))
    line = np.arange(side)
    offsets = generator.integers(-reach, reach + 1, (2, batch, 1))
    rows, columns = np.clip(line + offsets, 0, side - 1)
    mirrored = generator.random((batch, 1)) < 0.5
    columns = np.where(mirrored, side - 1 - columns, columns)
    examples = np.arange(batch)[:, None, None]
    return images[examples, rows[:, :, None], columns[:, None, :]]
