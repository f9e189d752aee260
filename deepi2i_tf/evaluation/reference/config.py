"""The recipe of the judge: everything that decides what its weights become.

The judge is two small ResNets that are trained on real images and then read
translations: a classifier (for RC) and, where a data set stores poses, a pose
regressor. Both follow this one recipe. A cached judge is found again by the
recipe's values, so changing one of them trains a new judge.
"""

import dataclasses


@dataclasses.dataclass(frozen=True)
class ReferenceTrainingConfig:
    """Numbers of the judge's networks and of their training.

    Args:
        version: raise it when the code behind the recipe changes.
        max_resolution: larger images are averaged down to this side.
        widths: channels of the residual stages; the first keeps the size of
            the stem's map (half the image), each other one halves it.
        pose_features: width of the pose head's hidden layer.
        max_images: training images in use, equally many of each class.
        validation_share: share of those that training does not see and early
            stopping looks at.
        batch_size: images per step.
        classifier_steps: longest training of the classifier of up to
            `classes_for_steps` classes; more classes, more steps.
        classes_for_steps: see there.
        pose_steps: longest training of the pose regressor.
        validate_every: steps between looks at the validation images.
        patience: looks without progress after which training stops.
        good_accuracy: validation accuracy at which training stops.
        good_pose: mean validation R^2 at which training stops.
        learning_rate: Adam's, at its peak; falls to zero along a half cosine.
        max_shift: classifier only: images are shifted by up to this share of
            their side, edges repeated.
        max_gain: contrast changes by up to this share, per image.
        max_tint: each colour channel moves by up to this, on [-1, 1].
        noise: standard deviation of pixel noise in training, on [-1, 1].
    """

    version: int = 2
    max_resolution: int = 64
    widths: tuple[int, ...] = (16, 32, 64)
    pose_features: int = 64
    max_images: int = 16_000
    validation_share: float = 0.1
    batch_size: int = 64
    classifier_steps: int = 1000
    classes_for_steps: int = 32
    pose_steps: int = 1500
    validate_every: int = 100
    patience: int = 5
    good_accuracy: float = 0.999
    good_pose: float = 0.985
    learning_rate: float = 3e-3
    max_shift: float = 0.06
    max_gain: float = 0.1
    max_tint: float = 0.1
    noise: float = 0.05

    def longest(self, num_classes: int) -> int:
        """Steps of the classifier's longest training.

        Args:
            num_classes: how many classes it tells apart.
        """
        share = max(1.0, num_classes / self.classes_for_steps)
        return round(self.classifier_steps * share)
