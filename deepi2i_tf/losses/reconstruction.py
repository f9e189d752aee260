"""Reconstruction losses between a source and its translation, per example.

arXiv 2011.05867, eq. 3, over the discriminator's features Psi_l:

    sum_l alpha_l mean |Psi_l(x) - Psi_l(y_hat)|

with every image against its own source. The released code compares samples 0
and 1 of the batch with a squared error, which on one device are two
translations; that is not copied. SSIM (Wang et al., 2004) compares the images
themselves: the course report's failed experiment, kept reproducible.
"""

from collections.abc import Mapping

from keras import ops

from deepi2i_tf.utils.backend import upcast

SSIM_WINDOW = 11
SSIM_SIGMA = 1.5
SSIM_K1, SSIM_K2 = 0.01, 0.03


def l1_distance(source, translation):
    """Mean absolute difference of two batches of maps, (batch,)."""
    return ops.mean(ops.abs(_difference(source, translation)), axis=(1, 2, 3))


def l2_distance(source, translation):
    """Mean squared difference of two batches of maps, (batch,)."""
    return ops.mean(
        ops.square(_difference(source, translation)), axis=(1, 2, 3)
    )


FEATURE_DISTANCES = {"l1": l1_distance, "l2": l2_distance}


def feature_distance(
    source: Mapping, translation: Mapping, weights: Mapping, kind: str = "l1"
):
    """Weighted sum over map sizes, eq. 3; (batch,).

    Features and weights alpha_l are by map size, features (batch, size, size,
    channels); `kind` is a key of `FEATURE_DISTANCES`.
    """
    distance = FEATURE_DISTANCES[kind]
    return sum(
        weights[size] * distance(source[size], translation[size])
        for size in source
    )


def ssim_distance(source, translation):
    """1 - SSIM, with a Gaussian window of 11 pixels; (batch,), in [0, 2].

    Both are float32 images, (batch, R, R, 3), in [-1, 1].
    """
    x, y = (source + 1.0) / 2.0, (translation + 1.0) / 2.0
    channels = x.shape[-1]
    window = _gaussian_window(channels)

    def blur(images):
        return ops.depthwise_conv(
            images, window, padding="valid", data_format="channels_last"
        )

    mean_x, mean_y = blur(x), blur(y)
    variance = blur(x * x) + blur(y * y) - mean_x**2 - mean_y**2
    covariance = blur(x * y) - mean_x * mean_y
    c1, c2 = SSIM_K1**2, SSIM_K2**2
    luminance = (2.0 * mean_x * mean_y + c1) / (mean_x**2 + mean_y**2 + c1)
    structure = (2.0 * covariance + c2) / (variance + c2)
    return 1.0 - ops.mean(luminance * structure, axis=(1, 2, 3))


def _difference(source, translation):
    return upcast(source) - upcast(translation)


def _gaussian_window(channels: int):
    offsets = ops.arange(SSIM_WINDOW, dtype="float32") - SSIM_WINDOW // 2
    line = ops.softmax(-0.5 * ops.square(offsets / SSIM_SIGMA))
    window = (line[:, None] * line[None, :])[:, :, None, None]
    return ops.tile(window, (1, 1, channels, 1))
