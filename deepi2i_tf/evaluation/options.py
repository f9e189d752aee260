"""What a person may choose about an evaluation."""

import dataclasses
from typing import Any

from deepi2i_tf.evaluation.images.labelled_images import TRAIN
from deepi2i_tf.evaluation.reference.config import ReferenceTrainingConfig


@dataclasses.dataclass(frozen=True)
class EvaluationOptions:
    """What a person may choose.

    Args:
        num_images: test images that serve as sources, equally many of each
            class; all of them, if there are fewer.
        num_z: translations of every source into every class, each with
            another z.
        reals_split: split of the real images that translations are compared
            with.
        reals_per_class: real images of each class at most; 0 takes all.
        diversity_sources: sources whose translations under several z are
            compared with each other; 0 leaves diversity out.
        diversity_z: z of each of them, 2 or more.
        fake_classifier: whether FC's classifier is trained.
        inception_weights: weights of the FID Inception; empty takes the
            judge's features.
        seed: seed of z, of the judge and of the choice of pictures.
        batch_size: images that are translated at once.
        shown: sources on the sheet of translations.
        recipe: how the judge is made.
    """

    num_images: int = 1000
    num_z: int = 1
    reals_split: str = TRAIN
    reals_per_class: int = 0
    diversity_sources: int = 20
    diversity_z: int = 5
    fake_classifier: bool = True
    inception_weights: str = ""
    seed: int = 0
    batch_size: int = 64
    shown: int = 8
    recipe: ReferenceTrainingConfig = dataclasses.field(
        default_factory=ReferenceTrainingConfig
    )

    @property
    def all_z(self) -> int:
        """How many z are drawn for a source, those of diversity included."""
        if not self.diversity_sources:
            return self.num_z
        return max(self.num_z, self.diversity_z)

    def identity(self) -> dict[str, Any]:
        """Everything that a result depends on, but for the weights' path."""
        values = dataclasses.asdict(self)
        del values["inception_weights"]
        return values
