"""The judge: reads class and pose from images, real or translated."""

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.images.real_images import RealImages
from deepi2i_tf.evaluation.reference.classifier import train_classifier
from deepi2i_tf.evaluation.reference.images import judge_resolution, shrink
from deepi2i_tf.evaluation.reference.networks import (
    FEATURES,
    build_classifier,
    build_pose_regressor,
)
from deepi2i_tf.evaluation.reference.training import (
    Images,
    Say,
    Task,
    fit,
    predict,
    predict_all,
)
from deepi2i_tf.metrics.pose import POSE_COMPONENTS, r_squared


class ReferenceModels:
    """A classifier and, where poses are known, a pose regressor.

    The two share a recipe but no weights, so that RC does not depend on
    whether a data set stores poses.

    Args:
        resolution: side of the images that will be judged.
        num_classes: number of classes.
        has_pose: whether to build the pose regressor.
        recipe: shape of the networks.
        seed: seed of weights, order and augmentation.
    """

    def __init__(
        self,
        resolution: int,
        num_classes: int,
        has_pose: bool,
        recipe: ReferenceTrainingConfig,
        seed: int,
    ) -> None:
        self._recipe, self._seed = recipe, seed
        self.side = judge_resolution(resolution, recipe)
        self.num_classes = num_classes
        self.classifier = build_classifier(self.side, num_classes, recipe, seed)
        features = self.classifier.get_layer(FEATURES).output
        self.num_features = features.shape[-1]
        self._both = keras.Model(
            self.classifier.input, [self.classifier.output, features]
        )
        self.regressor: keras.Model | None = None
        if has_pose:
            self.regressor = build_pose_regressor(
                self.side, len(POSE_COMPONENTS), recipe, seed
            )
        self.pose_mean = np.zeros(len(POSE_COMPONENTS), np.float32)
        self.pose_scale = np.ones(len(POSE_COMPONENTS), np.float32)

    def classify(self, images: Images) -> np.ndarray:
        """Most likely class of each image.

        Args:
            images: uint8, (n, resolution, resolution, 3), or already of the
                judge's side.

        Returns:
            int32, (n,), in [0, num_classes).
        """
        return predict(self.classifier, images).argmax(axis=1).astype(np.int32)

    def classify_with_features(
        self, images: Images
    ) -> tuple[np.ndarray, np.ndarray]:
        """Most likely class of each image, and what the classifier saw in it.

        Args:
            images: as for `classify`.

        Returns:
            int32, (n,), as `classify`; and float32, (n, num_features), the
            input of the classifier's last layer.
        """
        logits, features = predict_all(self._both, images)
        return logits.argmax(axis=1).astype(np.int32), features

    def read_pose(self, images: Images) -> np.ndarray:
        """Pose of each image; only where `regressor` is not None.

        Args:
            images: as for `classify`.

        Returns:
            float32, (n, 5), in the order of `POSE_COMPONENTS`.
        """
        outputs = predict(self.regressor, images)
        return outputs * self.pose_scale + self.pose_mean

    def train(self, real: RealImages, say: Say) -> None:
        """Trains both networks on real training images.

        Args:
            real: training images; those of the regressor need poses.
            say: takes progress lines.
        """
        order = np.random.default_rng(self._seed).permutation(len(real))
        real = real.take(order)
        images = shrink(real.images, self.side)
        train_classifier(
            self.classifier, images, real.labels, self._recipe, self._seed, say
        )
        if self.regressor is not None:
            self._train_regressor(images, real.poses, say)

    def _train_regressor(
        self, images: np.ndarray, poses: np.ndarray, say: Say
    ) -> None:
        self.pose_mean = poses.mean(axis=0)
        self.pose_scale = np.maximum(poses.std(axis=0), np.float32(1e-6))
        task = Task(
            name="pose",
            steps=self._recipe.pose_steps,
            good=self._recipe.good_pose,
            move=False,
            loss=keras.losses.MeanSquaredError(),
            score=lambda read, true: float(r_squared(read, true).mean()),
        )
        fit(
            self.regressor,
            task,
            images,
            (poses - self.pose_mean) / self.pose_scale,
            self._recipe,
            self._seed,
            say,
        )
