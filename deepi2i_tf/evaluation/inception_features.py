"""Features of the network that every published FID and KID is computed with."""

import numpy as np
import tensorflow as tf

from deepi2i_tf.metrics.inception import build_inception
from deepi2i_tf.metrics.inception_weights import load_inception_weights
from deepi2i_tf.metrics.resize import resize_for_inception

TAP = "2048"


class InceptionFeatures:
    """Images to the 2048 numbers before Inception's classes.

    Args:
        path: file of weights that the user gives.

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
        # One graph for batches of any length, so that the last one of a pass
        # does not decide how the others are computed.
        images = tf.TensorSpec((None, None, None, 3), tf.uint8)
        self._call = tf.function(self._compute, input_signature=[images])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Computes features.

        Args:
            images: uint8, (batch, R, R, 3).

        Returns:
            float32, (batch, 2048).
        """
        return self._call(tf.convert_to_tensor(images)).numpy()

    def _compute(self, images: tf.Tensor) -> tf.Tensor:
        resized = resize_for_inception(images)
        return self._network(resized, training=False)[TAP]
