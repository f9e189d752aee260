"""Everything that looks at an image, in one look: class, features, pose."""

from typing import NamedTuple

import numpy as np

from deepi2i_tf.evaluation.inception_features import InceptionFeatures
from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.metrics.names import DOMAIN, INCEPTION


class Predictions(NamedTuple):
    """What was seen in a batch of images.

    Attributes:
        classes: int32, (batch,): the classifier's most likely class.
        features: float32, (batch, dimensions): for distances.
        poses: float32, (batch, 5), or None without a regressor.
    """

    classes: np.ndarray
    features: np.ndarray
    poses: np.ndarray | None


class FeatureExtractor:
    """The judge, and the feature network behind mFID, mKID and diversity.

    Without Inception the features are the judge's own: what its classifier,
    trained on the real images of this data set, has before its last layer.

    Args:
        judge: a trained judge.
        inception: None for the judge's features.

    Attributes:
        judge: the judge.
        name: `"domain"` or `"inception-2015"`; numbers of the two are never
            to be compared.
        dimensions: length of a feature.
        sha256: of Inception's weights; None without.
    """

    def __init__(
        self, judge: ReferenceModels, inception: InceptionFeatures | None
    ):
        self.judge = judge
        self._inception = inception
        self.name = DOMAIN if inception is None else INCEPTION
        self.dimensions = (inception or judge).num_features
        self.sha256 = inception.sha256 if inception else None

    def look(self, images: np.ndarray) -> Predictions:
        """Looks at images once.

        Args:
            images: uint8, (batch, R, R, 3), at least one.
        """
        if self._inception is None:
            classes, features = self.judge.classify_with_features(images)
        else:
            classes = self.judge.classify(images)
            features = self._inception(images)
        poses = None
        if self.judge.regressor is not None:
            poses = self.judge.read_pose(images)
        return Predictions(classes, features, poses)

    def features(self, images: np.ndarray) -> np.ndarray:
        """Features alone.

        Args:
            images: uint8, (batch, R, R, 3), at least one.

        Returns:
            float32, (batch, dimensions).
        """
        if self._inception is None:
            return self.judge.classify_with_features(images)[1]
        return self._inception(images)
