"""Sheets of translations that can be compared over a run.

Every sheet shows the same held-out sources, the same z and the same target
classes, so that two of them differ by training alone.
"""

from pathlib import Path

import numpy as np

from deepi2i_tf.config import Config
from deepi2i_tf.data import PreparedData
from deepi2i_tf.networks import z_length
from deepi2i_tf.training.sheet_folder import (
    SheetFolder,
    first_examples,
)
from deepi2i_tf.utils.image_grid import draw_sheet, to_uint8
from deepi2i_tf.utils.spacing import evenly_spaced

MAX_ROWS = 6
MAX_COLUMNS = 8
PIXELS_AT_ONCE = 2**18  # 64 images of 64 pixels: bounds the memory


class SampleSheets(SheetFolder):
    """Draws real images once and translations at chosen steps.

    Args:
        folder: `<run_dir>/samples`.
        prepared: the data set; sources come from its test split.
        config: shape of the networks, and the seed of z.
    """

    def __init__(
        self, folder: Path, prepared: PreparedData, config: Config
    ) -> None:
        self._targets = evenly_spaced(len(prepared.class_names), MAX_COLUMNS)
        super().__init__(folder, prepared, self._targets)
        self._sources, self._labels = _pick_sources(prepared)
        random = np.random.default_rng([config.training.seed, MAX_ROWS])
        self._z = random.standard_normal(
            (len(self._sources), z_length(config.network)), dtype=np.float32
        )

    def draw(self, translator: object, step: int) -> tuple[Path, np.ndarray]:
        """Draws source rows x target columns.

        Args:
            translator: `translator(images, z=z, labels=labels,
                training=False)`.
            step: finished steps, for the name and the title.

        Returns:
            Path of the picture, and it as uint8 (height, width, 3).
        """
        rows = [
            [source, *translations]
            for source, translations in zip(
                self._sources, self._translate(translator), strict=True
            )
        ]
        sheet = draw_sheet(
            rows,
            [self._names[label] for label in self._labels],
            ["source", *(self._names[label] for label in self._targets)],
            title=f"Step {step:,}",
        )
        return self._save_step(sheet, step)

    def _translate(self, translator: object) -> np.ndarray:
        """All translations, uint8 (sources, targets, R, R, 3)."""
        count, side = len(self._targets), self._sources[0].shape[0]
        at_once = max(1, PIXELS_AT_ONCE // (side * side * count))
        parts = []
        for first in range(0, len(self._sources), at_once):
            chosen = slice(first, first + at_once)
            sources = np.stack(self._sources[chosen]).astype(np.float32)
            images = translator(
                np.repeat(sources / 127.5 - 1.0, count, axis=0),
                z=np.repeat(self._z[chosen], count, axis=0),
                labels=np.tile(np.int32(self._targets), len(sources)),
                training=False,
            )
            parts.append(to_uint8(np.asarray(images)))
        return np.concatenate(parts).reshape(-1, count, side, side, 3)


def _pick_sources(
    prepared: PreparedData,
) -> tuple[list[np.ndarray], list[int]]:
    """Held-out images of as many different classes as there are rows."""
    wanted = evenly_spaced(len(prepared.class_names), MAX_ROWS)
    found = {}
    for example in first_examples(prepared, "test"):
        label = int(example["label"])
        if label in wanted and label not in found:
            found[label] = example["image"]
        if len(found) == len(wanted):
            break
    labels = sorted(found)
    return [found[label] for label in labels], labels
