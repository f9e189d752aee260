"""Nearest pretrained class of each class in the discriminator's features.

The projection discriminator (arXiv 1802.05637) adds <e_k, h> to an image's
score for class k, where h are its pooled features: up to a constant of k,
that is how much more likely class k is in the real images than in the fakes.
No image of the pretrained classes is needed for it. With h_c the mean of h
over images of our class c, and h the mean of all h_c,

    nearest(c) = argmax_k  s_ck / (std_k + mean std),   s_ck = <e_k, h_c - h>,

std_k being the deviation of s_ck over our classes. The constant of k is
unknown, and a row that agrees with all our images, or is merely long, would
serve every class: hence the centring and std_k; the mean std keeps rows to
which all our classes are alike from counting as much as others. (The norm of
the whole table, its sigma, does not change the order.)

Measured with the discriminator of a BigGAN on six species of Creatures (32 px,
ch 4, 900 steps of 16 images) that was to find each species again among the
six, over all choices of n of them, in %: n = 2, 4, 6 gave 60, 83, 100; only
centred 60, 73, 67; not centred 83 each. Few classes make a poor mean.
"""

from collections.abc import Iterable

import keras
import numpy as np

from deepi2i_tf.data import to_signed
from deepi2i_tf.networks import Encoder
from deepi2i_tf.networks.channels import BOTTOM
from deepi2i_tf.utils.backend import upcast

IMAGES_PER_CLASS = 50
_TINY = 1e-12


def pooled_means(
    trunk: Encoder,
    batches: Iterable[tuple[np.ndarray, np.ndarray]],
    shape: tuple[int, int],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean pooled features of the first images of each class.

    Args:
        trunk: an encoder with the weights of the discriminator's trunk.
        batches: images, uint8 (n, R, R, 3), with their labels, (n,); read
            until every class has `IMAGES_PER_CLASS` or a few more.
        shape: (our classes, features).

    Returns:
        The means, float64 of that shape, and how many images each class had;
        the mean of none is zeros.
    """
    counts, sums = np.zeros(shape[0], np.int64), np.zeros(shape)
    for images, labels in batches:
        wanted = counts[labels] < IMAGES_PER_CLASS
        if wanted.any():
            np.add.at(counts, labels[wanted], 1)
            np.add.at(sums, labels[wanted], _pooled(trunk, images[wanted]))
        if counts.min() >= IMAGES_PER_CLASS:
            break
    return sums / np.maximum(counts, 1)[:, None], counts


def _pooled(trunk: Encoder, images: np.ndarray) -> np.ndarray:
    features = trunk(to_signed(images), training=False)[BOTTOM]
    return keras.ops.convert_to_numpy(upcast(features)).sum((1, 2))


def nearest_classes(
    means: np.ndarray, counts: np.ndarray, embeddings: np.ndarray
) -> dict[int, int]:
    """The formula of the module, for the classes that have images.

    Args:
        means: mean pooled features, (our classes, features).
        counts: images behind each of them; a class of none is left out, and
            so is the only one of any.
        embeddings: class rows of the discriminator, (their classes,
            features).

    Returns:
        Their label for each of our labels.
    """
    labels = np.flatnonzero(counts)
    if labels.size < 2:  # Centred, a single class agrees with no row.
        return {}
    centred = means[labels] - means[labels].mean(axis=0)
    scores = centred @ embeddings.T
    spread = scores.std(axis=0)
    scores /= np.maximum(spread + spread.mean(), _TINY)
    nearest = scores.argmax(axis=1)
    return dict(zip(labels.tolist(), nearest.tolist(), strict=True))
