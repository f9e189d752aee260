"""The convolution of an image joined to its class, without one-hot planes.

StarGAN (arXiv 1711.09020) joins a plane of ones or zeros for each class to the
image. What a convolution of side k makes of the planes of class t depends on
no image: with K_t (k, k, filters) the kernel's slice of that class, and
V (R, k) telling which of its rows lie in an image of side R,

    V[i, u] = 1 where 0 <= i + u - (k - 1) / 2 < R, else 0,
    T[i, j] = sum over u, v of V[i, u] V[j, v] K_t[u, v],

two small products whose cost does not grow with the number of classes. Away
from the border T is the same everywhere.
"""

import keras
import numpy as np
from keras import ops

from deepi2i_tf.layers.conv import convolve


class LabelledConv(keras.layers.Layer):
    """Convolution of (image, class), stride 1, zero padding, no bias.

    Equal, to rounding, to convolving the image with the one-hot planes of its
    class joined to it.

    Call arguments:
        inputs: (batch, R, R, channels).
        labels: int32, (batch,), in [0, classes).
        embedding: (batch, classes) in place of labels: one-hot rows, or
            mixtures of them.

    Returns:
        (batch, R, R, filters).
    """

    def __init__(
        self, filters: int, num_classes: int, kernel_size: int = 7, **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.filters = filters
        self.num_classes = num_classes
        self.kernel_size = kernel_size

    def build(self, input_shape) -> None:
        """Creates kernel (k, k, channels, filters), table (classes, k k f)."""
        side = self.kernel_size
        self.kernel = self.add_weight(
            name="kernel", shape=(side, side, input_shape[-1], self.filters)
        )
        self.table = self.add_weight(
            name="table", shape=(self.num_classes, side * side * self.filters)
        )
        self.reach = reach(input_shape[1], side)

    @property
    def fan_in(self) -> int:
        """Inputs of one output, the planes among them."""
        side, _, channels, _ = self.kernel.shape
        return side * side * (channels + self.num_classes)

    def call(self, inputs, labels=None, embedding=None):
        """See the class."""
        if embedding is None:
            rows = ops.take(self.table, labels, axis=0)
        else:
            rows = ops.matmul(embedding, self.table)
        image = convolve(inputs, self.kernel)
        return image + self.label_map(rows)

    def label_map(self, rows):
        """T of rows of the table, (batch, R, R, filters)."""
        side, filters = self.kernel_size, self.filters
        inside = ops.convert_to_tensor(self.reach, rows.dtype)
        spread = ops.matmul(
            inside, ops.reshape(rows, (-1, side, side * filters))
        )
        spread = ops.reshape(spread, (-1, len(self.reach), side, filters))
        return ops.matmul(inside, spread)

    def compute_output_shape(self, input_shape) -> tuple:
        """(batch, R, R, filters)."""
        return (*input_shape[:-1], self.filters)

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "filters": self.filters,
            "num_classes": self.num_classes,
            "kernel_size": self.kernel_size,
        }


def reach(resolution: int, side: int) -> np.ndarray:
    """V: which rows of a kernel lie in the image, float32 (R, side)."""
    row = np.arange(resolution)[:, None] + np.arange(side) - side // 2
    return ((row >= 0) & (row < resolution)).astype(np.float32)
