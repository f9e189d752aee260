"""A prepared data set as `fit` takes it: `load_dataset(config)`."""

import dataclasses
from collections.abc import Sequence
from typing import Self

import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.data.image_geometry import to_signed
from deepi2i_tf.data.pipeline import SIDES, read_split, training_batches
from deepi2i_tf.data.prepared.find import check_num_classes, find_configured
from deepi2i_tf.data.prepared.integrity import verify
from deepi2i_tf.data.prepared.prepared_data import PreparedData
from deepi2i_tf.utils.fit import Fit


def load_dataset(config: Config) -> "Dataset":
    """Finds the prepared data set of a configuration.

    Raises:
        UserError: there is none, or it is damaged.
    """
    prepared = find_configured(config.data, config.network.resolution)
    if config.data.verify_data:
        verify(prepared)
    check_num_classes(prepared, config.network.num_classes)
    return Dataset(prepared, config)


@dataclasses.dataclass(frozen=True)
class Dataset:
    """A prepared data set, read as a configuration says."""

    prepared: PreparedData
    config: Config

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in the order of the class numbers."""
        return self.prepared.class_names

    def train(self) -> "TrainingBatches":
        """Endless batches for `fit`, the same as the command's.

        Those of one step: `batch_size` times `num_accumulations` times
        `discriminator_steps` pairs.
        """
        pretrains = self.config.training.stage == "pretrain"
        return TrainingBatches(self, SIDES[1:] if pretrains else SIDES)

    def test(self, batch_size: int | None = None) -> tf.data.Dataset:
        """The held-out images in stored order, once.

        Args:
            batch_size: images of a batch; None takes the configuration's.

        Returns:
            Batches of {"image": float32 (batch, R, R, 3), in [-1, 1];
            "label": int32 (batch,)}; the last one may be smaller.
        """
        examples = read_split(
            self.prepared, "test", features=("image", "label")
        )
        batches = examples.batch(batch_size or self.config.training.batch_size)
        return batches.map(
            lambda batch: {
                "image": to_signed(batch["image"]),
                "label": batch["label"],
            }
        )


class TrainingBatches(tf.data.Dataset):
    """The batches of a run from some step on, and whose they are.

    A `tf.data.Dataset` like any other; `fit` has it begin at the step that
    the model is at.
    """

    def __init__(
        self, dataset: Dataset, sides: Sequence[str], step: int = 0
    ) -> None:
        self._of, self._sides = dataset, tuple(sides)
        training = dataset.config.training
        self._batches = training_batches(
            dataset.prepared,
            dataset.config.data,
            training.images_per_step,
            training.seed,
            start_step=step,
            sides=self._sides,
        )
        super().__init__(self._batches._variant_tensor)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names in the order of the class numbers."""
        return self._of.class_names

    @property
    def photo_fit(self) -> Fit:
        """How the photos became squares."""
        return self._of.prepared.fit

    def from_step(self, step: int) -> Self:
        """The same batches, of which that of `step` is the first."""
        return type(self)(self._of, self._sides, step)

    @property
    def element_spec(self) -> dict[str, tf.TensorSpec]:
        """Shapes and types of a batch."""
        return self._batches.element_spec

    def _inputs(self) -> list[tf.data.Dataset]:
        return [self._batches]
