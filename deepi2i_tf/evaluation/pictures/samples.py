"""Which classes and translations are kept as pictures."""

import numpy as np

from deepi2i_tf.evaluation.translations import Translations
from deepi2i_tf.utils.spacing import evenly_spaced

MAX_GRID_ROWS = 24
MAX_SHEET_ROWS = 20
MAX_RANDOM = 48


def shown_classes(num_classes: int) -> set[int]:
    """Classes that a grid or a sheet shows."""
    rows = (MAX_GRID_ROWS, MAX_SHEET_ROWS)
    return {int(c) for most in rows for c in evenly_spaced(num_classes, most)}


class RandomSamples:
    """Translations drawn evenly among all of them, with their first z.

    Args:
        translations: what is drawn from.
        num_classes: number of target classes.
        seed: seed of the draw.

    Attributes:
        targets: int, (n,): class of each sample.
        rows: int, (n,): which translation into that class.
    """

    def __init__(
        self, translations: Translations, num_classes: int, seed: int
    ) -> None:
        counts = [translations.count(target) for target in range(num_classes)]
        edges = np.cumsum([0, *counts])
        total = int(edges[-1])
        generator = np.random.default_rng((seed, MAX_RANDOM))
        drawn = generator.choice(total, min(MAX_RANDOM, total), replace=False)
        self.targets = np.searchsorted(edges, drawn, side="right") - 1
        self.rows = drawn - edges[self.targets]

    def of(self, target: int) -> np.ndarray:
        """Rows of the samples of one class, rising; int, (m,)."""
        return np.sort(self.rows[self.targets == target])

    def in_order(self, of_classes: list[np.ndarray]) -> np.ndarray:
        """What was kept of the samples, class by class, as they were drawn.

        Args:
            of_classes: for every class an array with a row for each of `of`.

        Returns:
            (n, ...), a row for each sample.
        """
        return np.stack(
            [
                of_classes[target][np.searchsorted(self.of(target), row)]
                for target, row in zip(self.targets, self.rows, strict=True)
            ]
        )
