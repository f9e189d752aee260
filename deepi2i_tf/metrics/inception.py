"""The network behind FID and KID: inception-2015-12-05, with random weights.

Inception v3 (arXiv 1512.00567) as TensorFlow published it in December 2015
and as every published FID uses it. It differs from
`keras.applications.InceptionV3`:

- input is (pixel - 128) / 128, and where the graph resizes, it does so as
  TensorFlow 1 did: bilinear, corners at pixel 0, no antialiasing;
- average pools divide by the pixels under the window, padding not counted
  (TensorFlow's "same" pooling does so by itself);
- the last block pools the maximum where the paper pools the average;
- there are 1008 classes, and their bias is left out of `logits_unbiased`.

Batch normalisation is folded into the convolutions when weights are loaded
(`inception_weights.py`), which saves a quarter of the time on CPUs. The
network has 21,768,352 parameters up to "2048" and 2,064,384 more behind it.
"""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from deepi2i_tf.metrics.inception_blocks import (
    BLOCKS,
    POOLED_STEM,
    STEM,
    Block,
    Convolution,
    Path,
)

KerasTensor = Any
SIDE = 299
NUM_CLASSES = 1008
# Where a tap is taken: behind which pooled row of the stem, or which block.
_TAP_OF = {
    "Conv2d_2b_3x3": "64",
    "Conv2d_4a_3x3": "192",
    "Mixed_6e": "768",
    "Mixed_7c": "2048",
}
LOGITS = "logits_unbiased"
TAPS = (*_TAP_OF.values(), LOGITS)


class LegacyBilinear(keras.layers.Layer):
    """Resizes to 299x299 as `tf.image.resize_bilinear` of TensorFlow 1 did.

    Output pixel i lies at input position i * size / 299, between its two
    neighbours; the last one is repeated. Photos that shrink alias, which is
    why clean-fid (arXiv 2104.11222) and `resize.py` do it otherwise.

    Call arguments:
        images: float32, (batch, height, width, channels).

    Returns:
        float32, (batch, 299, 299, channels).
    """

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Resizes."""
        return tf.raw_ops.ResizeBilinear(
            images=images,
            size=(SIDE, SIDE),
            align_corners=False,
            half_pixel_centers=False,
        )

    def compute_output_shape(self, input_shape: tuple) -> tuple:
        """(batch, 299, 299, channels)."""
        return (input_shape[0], SIDE, SIDE, input_shape[3])


def build_inception(
    taps: Sequence[str] = ("2048",), resize: bool = False
) -> keras.Model:
    """Builds the network up to what is asked for.

    Args:
        taps: which features: "64", "192", "768" and "2048" are maps averaged
            over their positions, "logits_unbiased" has 1008 numbers.
        resize: whether images of any size come in and the network resizes
            them as the TensorFlow graph does; otherwise they are 299x299.

    Returns:
        Model from float32 (batch, height, width, 3) in [0, 255] to a dict of
        float32 (batch, features) by tap; frozen.

    Raises:
        ValueError: a tap is unknown.
    """
    unknown = [tap for tap in taps if tap not in TAPS]
    if unknown or not taps:
        raise ValueError(
            f"Expected taps among {', '.join(TAPS)}. Received: {list(taps)}. "
            "Choose among them."
        )
    side = None if resize else SIDE
    images = keras.Input((side, side, 3), dtype="float32", name="images")
    x = LegacyBilinear(dtype="float32")(images) if resize else images
    x = keras.layers.Rescaling(1 / 128, -1.0, dtype="float32")(x)
    features = _features(x)
    outputs = {tap: features[tap] for tap in taps}
    model = keras.Model(images, outputs, name="inception")
    model.trainable = False
    return model


def _features(x: KerasTensor) -> dict[str, KerasTensor]:
    features = {}
    for row in STEM:
        x = _convolution(row)(x)
        if row.name in POOLED_STEM:
            x = _pool("max", 2)(x)
        if row.name in _TAP_OF:
            features[_TAP_OF[row.name]] = _average(x)
    for block in BLOCKS:
        x = _block(x, block)
        if block.name in _TAP_OF:
            features[_TAP_OF[block.name]] = _average(x)
    logits = keras.layers.Dense(
        NUM_CLASSES, use_bias=False, dtype="float32", name="fc"
    )
    features[LOGITS] = logits(features["2048"])
    return features


def _block(x: KerasTensor, block: Block) -> KerasTensor:
    outputs = [each for path in block.paths for each in _path(x, path)]
    return keras.layers.Concatenate(dtype="float32", name=block.name)(outputs)


def _path(x: KerasTensor, path: Path) -> list[KerasTensor]:
    if path.pool:
        x = _pool(path.pool, path.stride)(x)
    for row in path.row:
        x = _convolution(row)(x)
    return [_convolution(each)(x) for each in path.fork] or [x]


def _convolution(row: Convolution) -> keras.layers.Layer:
    height, width, _, filters = row.kernel
    return keras.layers.Conv2D(
        filters,
        (height, width),
        strides=row.stride,
        padding=row.padding,
        activation="relu",
        dtype="float32",
        name=row.name,
    )


def _pool(kind: str, stride: int) -> keras.layers.Layer:
    pools = {
        "max": keras.layers.MaxPooling2D,
        "average": keras.layers.AveragePooling2D,
    }
    padding = "same" if stride == 1 else "valid"
    return pools[kind](3, stride, padding=padding, dtype="float32")


def _average(x: KerasTensor) -> KerasTensor:
    return keras.layers.GlobalAveragePooling2D(dtype="float32")(x)
