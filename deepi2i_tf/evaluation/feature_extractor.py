"""What networks read from an image: class, features and pose."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.metrics.inception import build_inception
from deepi2i_tf.metrics.inception_weights import load_inception_weights
from deepi2i_tf.metrics.names import DOMAIN, INCEPTION
from deepi2i_tf.metrics.resize import resize_for_inception

TAP = "2048"


class InceptionFeatures:
    """Images to the 2048 numbers before the classes of the FID Inception.

    Attributes:
        sha256: of that file.
        num_features: length of a feature.

    Raises:
        UserError: the file is missing, damaged, or not the published one.
    """

    num_features = 2048

    def __init__(self, path: str) -> None:
        self._network = build_inception((TAP,))
        self.sha256 = load_inception_weights(self._network, path)
        # One graph for batches of any length, so that the last one of a class
        # does not decide how the others are computed.
        images = tf.TensorSpec((None, None, None, 3), tf.uint8)
        self._call = tf.function(self._compute, input_signature=[images])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Features, float32, (batch, 2048), of uint8 (batch, R, R, 3)."""
        return self._call(tf.convert_to_tensor(images)).numpy()

    def _compute(self, images: tf.Tensor) -> tf.Tensor:
        resized = resize_for_inception(images)
        return self._network(resized, training=False)[TAP]


class Predictions(NamedTuple):
    """What was read from a batch of images.

    Attributes:
        classes: int32, (batch,): the classifier's most likely class.
        features: float32, (batch, dimensions): for distances.
        poses: float32, (batch, 5), or None without a regressor.
    """

    classes: np.ndarray
    features: np.ndarray
    poses: np.ndarray | None


class FeatureExtractor:
    """Runs classifier, feature network and pose regressor on a batch.

    Features are behind mFID, mKID and diversity. Without Inception they are
    the classifier's: what it has before its last layer.

    Args:
        models: trained reference models.
        inception: None for the classifier's features.

    Attributes:
        models: the reference models.
        name: `"domain"` or `"inception-2015"`; numbers of the two are never
            to be compared.
        dimensions: length of a feature.
        sha256: of Inception's weights; None without.
    """

    def __init__(
        self, models: ReferenceModels, inception: InceptionFeatures | None
    ):
        self.models = models
        self._inception = inception
        self.name = DOMAIN if inception is None else INCEPTION
        self.dimensions = (inception or models).num_features
        self.sha256 = inception.sha256 if inception else None

    def predict(self, images: np.ndarray) -> Predictions:
        """Reads one or more images, uint8, (batch, R, R, 3)."""
        if self._inception is None:
            classes, features = self.models.classify_with_features(images)
        else:
            classes = self.models.classify(images)
            features = self._inception(images)
        poses = None
        if self.models.regressor is not None:
            poses = self.models.predict_poses(images)
        return Predictions(classes, features, poses)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features alone, float32, (batch, dimensions)."""
        if self._inception is None:
            return self.models.classify_with_features(images)[1]
        return self._inception(images)
