"""Reference models: trained on real images, they read translations."""

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.cache.row_file import RowView
from deepi2i_tf.evaluation.images.labelled_images import RealImages
from deepi2i_tf.evaluation.images.shrink import shrink
from deepi2i_tf.evaluation.reference.networks import (
    FEATURES,
    build_classifier,
    build_pose_regressor,
)
from deepi2i_tf.evaluation.reference.training import (
    Images,
    classification,
    fit,
    pose_regression,
)
from deepi2i_tf.metrics.classifier_scores import confusion_matrix
from deepi2i_tf.metrics.pose import POSE_COMPONENTS
from deepi2i_tf.utils.image_geometry import to_signed

PREDICTION_BATCH = 250


class ReferenceModels:
    """A classifier (RC) and, where poses are known, a pose regressor.

    The two are trained alike but share no weights, so that RC does not depend
    on whether a data set stores poses.

    Args:
        resolution: side of the images that will be read; larger ones than
            `config.max_resolution` are averaged down to that.
        num_classes: number of classes.
        has_pose: whether to build the pose regressor.
        config: shape of the networks, and seed.
    """

    def __init__(
        self,
        resolution: int,
        num_classes: int,
        has_pose: bool,
        config: ReferenceTrainingConfig,
    ) -> None:
        self._config = config
        self.side = config.side(resolution)
        self.num_classes = num_classes
        self.classifier = build_classifier(self.side, num_classes, config)
        features = self.classifier.get_layer(FEATURES).output
        self.num_features = features.shape[-1]
        self._both = keras.Model(
            self.classifier.input, [self.classifier.output, features]
        )
        self.regressor: keras.Model | None = None
        if has_pose:
            self.regressor = build_pose_regressor(
                self.side, len(POSE_COMPONENTS), config
            )
        self.pose_mean = np.zeros(len(POSE_COMPONENTS), np.float32)
        self.pose_scale = np.ones(len(POSE_COMPONENTS), np.float32)

    def classify(self, images: Images) -> np.ndarray:
        """Most likely class of each image.

        Args:
            images: uint8, (n, resolution, resolution, 3), or already of the
                networks' side.

        Returns:
            int32, (n,), in [0, num_classes).
        """
        return predict(self.classifier, images).argmax(axis=1).astype(np.int32)

    def classify_with_features(
        self, images: Images
    ) -> tuple[np.ndarray, np.ndarray]:
        """Classes as `classify` gives them, and features.

        Features are float32, (n, num_features): the input of the classifier's
        last layer.
        """
        logits, features = predict_all(self._both, images)
        return logits.argmax(axis=1).astype(np.int32), features

    def predict_poses(self, images: Images) -> np.ndarray:
        """Poses, float32, (n, 5); only where `regressor` is not None."""
        outputs = predict(self.regressor, images)
        return outputs * self.pose_scale + self.pose_mean

    def train(self, real: RealImages) -> None:
        """Trains both on real training images, with poses for the regressor."""
        order = np.random.default_rng(self._config.seed).permutation(len(real))
        real = real.take(order)
        images = shrink(real.images, self.side)
        task = classification(self.num_classes, self._config, "classifier")
        fit(self.classifier, task, images, real.labels, self._config)
        if self.regressor is not None:
            self.pose_mean = real.poses.mean(axis=0)
            deviation = real.poses.std(axis=0)
            self.pose_scale = np.maximum(deviation, np.float32(1e-6))
            poses = (real.poses - self.pose_mean) / self.pose_scale
            task = pose_regression(self._config)
            fit(self.regressor, task, images, poses, self._config)


def fc_confusion(
    translations: Images,
    targets: np.ndarray,
    reals: Images,
    labels: np.ndarray,
    num_classes: int,
    config: ReferenceTrainingConfig,
) -> np.ndarray:
    """Trains FC's classifier on translations and shows it real images.

    It is built and trained as RC's is; nothing but the images differs.

    Args:
        translations: uint8, (n, side, side, 3), in any order.
        targets: int32, (n,): their target classes.
        reals: uint8, (m, side, side, 3): real test images.
        labels: int32, (m,): their classes.
        num_classes: number of classes.
        config: as of RC's classifier.

    Returns:
        int64, (classes, classes): rows are classes of the real images,
        columns what the classifier takes them for.
    """
    order = np.random.default_rng(config.seed).permutation(len(targets))
    network = build_classifier(reals.shape[1], num_classes, config)
    task = classification(num_classes, config, "classifier of FC")
    fit(network, task, RowView(translations, order), targets[order], config)
    predicted = predict(network, reals).argmax(axis=1)
    return confusion_matrix(labels, predicted, num_classes)


def predict(network: keras.Model, images: Images) -> np.ndarray:
    """`predict_all` of a network with one output."""
    return predict_all(network, images)[0]


def predict_all(network: keras.Model, images: Images) -> list[np.ndarray]:
    """Every output of a network for any number of images.

    Args:
        network: one of the reference networks, or a part of one.
        images: uint8, (n, side, side, 3), the network's side or larger.

    Returns:
        One float32 array of (n, outputs) for each output.
    """
    side = network.input_shape[1]
    batches = []
    for start in range(0, len(images), PREDICTION_BATCH):
        batch = shrink(images[start : start + PREDICTION_BATCH], side)
        outputs = network(to_signed(batch), training=False)
        batches.append(keras.tree.flatten(outputs))
    return [
        np.concatenate([np.asarray(output) for output in outputs])
        for outputs in zip(*batches, strict=True)
    ]
