"""A probe: what the raw weights make, at inference, of what they never saw.

Always the same 8 held-out sources, 8 classes and 2 z, so that two probes of a
run differ by training alone; of a BigGAN 8 classes and 8 z. 64 held-out images
show the discriminator's opinion of what it was not trained on; where its scores
drift, 64 training images and the translations are scored in the same moment. A
set without test images is probed with training images. Nothing that moves is
touched: a probed run has the bits of one that was not.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from deepi2i_tf.data import PreparedData
from deepi2i_tf.metrics import collapse_signals
from deepi2i_tf.metrics.collapse_signals import ImageSummary, summarize
from deepi2i_tf.networks import family_of, z_length
from deepi2i_tf.training.run_context import RunContext
from deepi2i_tf.training.sample_sheets import PIXELS_AT_ONCE, first_examples
from deepi2i_tf.utils.spacing import evenly_spaced

SOURCES, CLASSES, REALS = 8, 8, 64
SOURCE_Z, SAMPLE_Z = 2, 8
# A stream beside those of the steps and the sheets.
Z_STREAM = 11


class Probe:
    """Translates some held-out images and says what collapse shows in them.

    Args:
        context: the run, whose model is probed.
    """

    def __init__(self, context: RunContext) -> None:
        self._model = context.model
        self._translates = "source" in self._model.sides
        data, config = context.data, context.config
        self._held_out = data.num_examples.get("test", 0) > 0
        self._classes = evenly_spaced(len(data.class_names), CLASSES)
        split = "test" if self._held_out else "train"
        classes = self._classes.tolist()
        self._images, self._labels = _images(data, split, classes)
        self._train = None
        if self._held_out and family_of(config.network).watch.scores_drift:
            self._train = _images(data, "train", classes)
        self._reals = summarize(self._images)
        count = SOURCE_Z if self._translates else SAMPLE_Z
        random = np.random.default_rng([config.training.seed, Z_STREAM])
        self._z = random.standard_normal(
            (count, z_length(config.network)), dtype=np.float32
        )
        side = config.network.resolution
        self._at_once = max(1, PIXELS_AT_ONCE // (side * side))

    def __call__(self, train: float, fake: float) -> dict[str, float]:
        """Signals of the networks as they are.

        Args:
            train: mean score of training images, of late.
            fake: mean score of translations, of late; either may be NaN. Of
                no use where scores drift.
        """
        sources = self._images[:SOURCES] if self._translates else None
        num_sources = 1 if sources is None else len(sources)
        parts, scores = [], []
        for images, labels in self._generate(sources):
            parts.append(summarize(images))
            if self._train is not None:
                scores.append(self._model.scores(images, labels))
        if self._train is not None:
            train, fake = self._mean_score(*self._train), _mean(scores)
        signals = collapse_signals.picture_signals(
            collapse_signals.join(parts),
            (num_sources, len(self._classes), len(self._z)),
            None if sources is None else ImageSummary(
                *(values[:SOURCES] for values in self._reals)
            ),
            self._reals,
            self._labels,
        )  # fmt: skip
        index = signals.pop(collapse_signals.SMALLEST_INDEX, None)
        if index is not None:
            label = float(self._classes[int(index)])
            signals[collapse_signals.SMALLEST_LABEL] = label
        rows = self._model.class_rows(np.int32(self._classes))
        value = collapse_signals.class_rows([np.asarray(row) for row in rows])
        if np.isfinite(value):
            signals[collapse_signals.CLASS_ROWS] = value
        if self._held_out:
            held = self._mean_score(self._images, self._labels)
            value = collapse_signals.overfit(train, held, fake)
            if np.isfinite(value):
                signals[collapse_signals.OVERFIT] = value
        return signals

    def _generate(
        self, sources: np.ndarray | None
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Translations of each source into each class with each z, in parts.

        Yields:
            Images, and their classes.
        """
        num_sources = 1 if sources is None else len(sources)
        each = len(self._classes) * len(self._z)
        z = np.tile(self._z, (len(self._classes), 1))
        labels = np.repeat(np.int32(self._classes), len(self._z))
        adapted = None if sources is None else self._adapt(sources)
        for part in _parts(num_sources * each, self._at_once):
            source, row = np.divmod(np.arange(num_sources * each)[part], each)
            features = adapted and {
                size: feature[source] for size, feature in adapted.items()
            }
            made = self._model.generated(features, z[row], labels[row])
            yield np.asarray(made), labels[row]

    def _adapt(self, sources: np.ndarray) -> dict[int, np.ndarray]:
        """The adapted features of sources, by map size."""
        parts = [
            self._model.adapted(sources[part])
            for part in _parts(len(sources), self._at_once)
        ]
        return {
            size: np.concatenate([np.asarray(part[size]) for part in parts])
            for size in parts[0]
        }

    def _mean_score(self, images: np.ndarray, labels: np.ndarray) -> float:
        return _mean(
            self._model.scores(images[part], labels[part])
            for part in _parts(len(images), self._at_once)
        )


def make_probe(context: RunContext) -> Probe:
    """The probe of a run; reads its images."""
    return Probe(context)


def _mean(scores: Iterable) -> float:
    return float(np.mean(np.concatenate([np.asarray(each) for each in scores])))


def _parts(count: int, at_once: int) -> Iterator[slice]:
    return (slice(i, i + at_once) for i in range(0, count, at_once))


def _images(
    data: PreparedData, split: str, classes: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    """Up to 64 images of a split, and their labels.

    The first ones of the probed classes in turn; images of other classes where
    these have too few.

    Returns:
        float32 (images, R, R, 3), in [-1, 1], and int32 (images,).
    """
    found: dict[int, list[np.ndarray]] = {label: [] for label in classes}
    others = []
    most = -(-REALS // len(classes))
    for example in first_examples(data, split):
        label, image = int(example["label"]), example["image"]
        if label in found and len(found[label]) < most:
            found[label].append(image)
        elif label not in found and len(others) < REALS:
            others.append((image, label))
        if all(len(images) == most for images in found.values()):
            break
    turns = itertools.zip_longest(*found.values())
    chosen = [
        (image, label)
        for turn in turns
        for label, image in zip(classes, turn, strict=True)
        if image is not None
    ]
    images, labels = zip(*(chosen + others)[:REALS], strict=True)
    signed = np.stack(images).astype(np.float32) / 127.5 - 1.0
    return signed, np.int32(labels)
