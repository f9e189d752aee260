"""What a collapse shows: how much translations vary, and how real they look.

Arrays in, numbers out; no network judges. Distances are mean absolute
differences of images in [-1, 1] after mean pooling in windows of 8 x 8: pose
and colours, not texture. Translations of some sources into some classes with
some z give

    sources        of translations of different sources into one class, over
                   that of the sources; mean over the classes
    smallest_class the same of the class where it is smallest, which is the
                   one of smallest_index
    classes        of translations of one source into different classes, over
                   that of the classes' mean real images
    z              of translations of one source into one class, over that of
                   the sources (of reals where there are no sources)
    contrast       standard deviation of all pixels, over that of reals
    edges          mean absolute Laplacian, over that of reals
    rank           exp of the entropy of the normalised eigenvalues of the
                   pooled translations' covariance: how many directions are
                   used (Roy and Vetterli, EUSIPCO 2007)
    class_rows     the largest singular value of what a class sets in the
                   generator, each row folded to the squarest matrix (gSR, arXiv
                   2208.09932), mean over layers: the largest over the median
                   class
    overfit        (s_train - s_held) / (s_train - s_fake) of mean scores, ADA's
                   r_v (arXiv 2006.06676, eq. 1): 1 where the discriminator
                   takes held-out images for fakes

A healthy demo run has .9 to 1.05 for sources, contrast and edges near 1.
"""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from deepi2i_tf.utils.factors import squarest

SOURCES = "sources"
SMALLEST_CLASS = "smallest_class"
SMALLEST_INDEX = "smallest_index"
SMALLEST_LABEL = "smallest_label"  # what a caller makes of the index
CLASSES = "classes"
Z = "z"
CONTRAST = "contrast"
EDGES = "edges"
RANK = "rank"
CLASS_ROWS = "class_rows"
OVERFIT = "overfit"

# Of the rows of a run: mean scores, and how far apart they are.
REAL, FAKE, GAP = "score_real", "score_fake", "gap"

WINDOW = 8


@dataclasses.dataclass(frozen=True)
class Watch:
    """What the losses of a family show of a collapse.

    Args:
        loss: the log of a hinge loss: near 0 its discriminator has won. Empty
            where no loss has such an end.
        charted: those of the loss, score_real, score_fake and their gap that
            keep a level in a healthy run.
        scores_drift: what is added to all scores changes no loss, so that only
            scores of one moment can be compared.
        remedies: what helps against a discriminator that is too strong.
    """

    loss: str
    charted: tuple[str, ...]
    scores_drift: bool
    remedies: tuple[str, ...]


class ImageSummary(NamedTuple):
    """What the signals need of images, a row each: small, whatever their side.

    Attributes:
        pooled: float64 (images, R / 8, R / 8, 3).
        mean: float64 (images,), of the pixels.
        square: float64 (images,), mean square of the pixels.
        edges: float64 (images,), mean absolute Laplacian.
    """

    pooled: np.ndarray
    mean: np.ndarray
    square: np.ndarray
    edges: np.ndarray


def summarize(images: np.ndarray) -> ImageSummary:
    """The summary of float (images, R, R, 3) in [-1, 1], R a multiple of 8."""
    images = np.asarray(images, np.float64)
    count, side = images.shape[:2]
    cells = side // WINDOW
    windows = images.reshape(count, cells, WINDOW, cells, WINDOW, 3)
    inner = images[:, 1:-1, 1:-1]
    laplacian = (
        images[:, :-2, 1:-1]
        + images[:, 2:, 1:-1]
        + images[:, 1:-1, :-2]
        + images[:, 1:-1, 2:]
        - 4.0 * inner
    )
    axes = (1, 2, 3)
    return ImageSummary(
        windows.mean(axis=(2, 4)),
        images.mean(axis=axes),
        np.square(images).mean(axis=axes),
        np.abs(laplacian).mean(axis=axes),
    )


def join(summaries: list[ImageSummary]) -> ImageSummary:
    """One summary of the images of several."""
    return ImageSummary(*map(np.concatenate, zip(*summaries, strict=True)))


def mean_pairwise(pooled: np.ndarray) -> float:
    """Mean distance of all pairs along the first axis; NaN for fewer than 2."""
    pairs = itertools.combinations(range(len(pooled)), 2)
    distances = [np.abs(pooled[i] - pooled[j]).mean() for i, j in pairs]
    return float(np.mean(distances)) if distances else math.nan


def variety(translations: np.ndarray, sources: np.ndarray) -> np.ndarray:
    """`sources` of each class: float64 (classes,).

    Args:
        translations: pooled (sources, classes, z, ...).
        sources: pooled (sources, ...).
    """
    return np.array(
        [
            _quotient(mean_pairwise(of_class), mean_pairwise(sources))
            for of_class in np.moveaxis(translations, 1, 0)
        ]
    )


def picture_signals(
    translations: ImageSummary,
    shape: tuple[int, int, int],
    sources: ImageSummary | None,
    reals: ImageSummary,
    real_labels: np.ndarray,
) -> dict[str, float]:
    """All signals but `overfit`; those that the images do not give are absent.

    Args:
        translations: of every source into every class with every z.
        shape: numbers of sources, classes and z: the order of translations.
        sources: their summary; None where nothing is translated and the first
            number is 1.
        reals: real images; some of the classes suffice.
        real_labels: int (reals,).
    """
    pooled = translations.pooled
    pooled = pooled.reshape(*shape, *pooled.shape[1:])
    signals = {}
    if sources is not None and len(sources.pooled) > 1:
        of_class = variety(pooled, sources.pooled)
        signals[SOURCES] = float(of_class.mean())
        signals[SMALLEST_CLASS] = float(of_class.min())
        signals[SMALLEST_INDEX] = float(of_class.argmin())
    means = [
        reals.pooled[real_labels == label].mean(axis=0)
        for label in np.unique(real_labels)
    ]
    by_class = mean_pairwise(np.moveaxis(pooled, 1, 0))
    signals[CLASSES] = _quotient(by_class, mean_pairwise(np.array(means)))
    base = (reals if sources is None else sources).pooled
    by_z = mean_pairwise(np.moveaxis(pooled, 2, 0))
    signals[Z] = _quotient(by_z, mean_pairwise(base))
    signals[CONTRAST] = _quotient(_contrast(translations), _contrast(reals))
    edges = float(translations.edges.mean()), float(reals.edges.mean())
    signals[EDGES] = _quotient(*edges)
    signals[RANK] = effective_rank(translations.pooled)
    return {k: v for k, v in signals.items() if math.isfinite(v)}


def effective_rank(rows: np.ndarray) -> float:
    """Exp of the entropy of the covariance's normalised eigenvalues.

    From 1, all rows on one line, to the lesser of rows - 1 and dimensions;
    NaN where all rows are equal.
    """
    rows = np.asarray(rows, np.float64).reshape(len(rows), -1)
    rows = rows - rows.mean(axis=0)
    # The smaller of both matrices that have these eigenvalues.
    product = rows @ rows.T if len(rows) < rows.shape[1] else rows.T @ rows
    values = np.maximum(np.linalg.eigvalsh(product), 0.0)
    if values.sum() == 0.0:
        return math.nan
    shares = values / values.sum()
    shares = shares[shares > 0.0]
    return float(np.exp(-np.sum(shares * np.log(shares))))


def class_rows(layers: Sequence[np.ndarray]) -> float:
    """The largest class over the median one.

    Args:
        layers: of each layer the row that every class sets, (classes,
            channels).
    """
    sizes = [
        [
            np.linalg.norm(row.reshape(squarest(len(row))), ord=2)
            for row in np.float64(rows)
        ]
        for rows in layers
    ]
    of_class = np.mean(sizes, axis=0)
    return _quotient(float(of_class.max()), float(np.median(of_class)))


def overfit(train: float, held: float, fake: float) -> float:
    """r_v of mean scores of training, held-out and fake images.

    NaN where training images score no higher than fakes.
    """
    return (train - held) / (train - fake) if train > fake else math.nan


def _contrast(summary: ImageSummary) -> float:
    variance = summary.square.mean() - np.square(summary.mean.mean())
    return float(np.sqrt(max(variance, 0.0)))


def _quotient(value: float, base: float) -> float:
    return value / base if base else math.nan
