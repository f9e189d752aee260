"""Sheets of a class-conditional generator's samples, comparable over a run.

Rows are classes spread over all, columns are z; every sheet has the same.
"""

from pathlib import Path

import numpy as np

from deepi2i_tf.config import Config
from deepi2i_tf.data import PreparedData
from deepi2i_tf.networks import z_length
from deepi2i_tf.training.sheet_folder import (
    SheetFolder,
)
from deepi2i_tf.utils.image_geometry import to_uint8
from deepi2i_tf.utils.image_grid import draw_sheet
from deepi2i_tf.utils.spacing import evenly_spaced

MAX_ROWS = 12
COLUMNS = 8
# A stream beside that of the steps' noise.
STREAM = 7


class ClassSheets(SheetFolder):
    """Draws real images once and samples of classes at chosen steps.

    Args:
        folder: `<run_dir>/samples`.
        prepared: the data set.
        config: shape of the networks, and the seed of z.
    """

    def __init__(
        self, folder: Path, prepared: PreparedData, config: Config
    ) -> None:
        self._classes = evenly_spaced(len(prepared.class_names), MAX_ROWS)
        super().__init__(folder, prepared, self._classes)
        self._side = config.network.resolution
        random = np.random.default_rng([config.training.seed, STREAM])
        self._z = random.standard_normal(
            (COLUMNS, z_length(config.network)), dtype=np.float32
        )

    def draw(self, generator: object, step: int) -> tuple[Path, np.ndarray]:
        """Draws class rows x z columns.

        Args:
            generator: `generator(z, labels=labels, training=False)`.
            step: finished steps, for the name and the title.

        Returns:
            Path of the picture, and it as uint8 (height, width, 3).
        """
        rows = []
        for label in self._classes:  # One at a time bounds the memory.
            labels = np.full(COLUMNS, label, np.int32)
            images = generator(self._z, labels=labels, training=False)
            rows.append(list(to_uint8(np.asarray(images))))
        sheet = draw_sheet(
            rows,
            [self._names[label] for label in self._classes],
            [f"z {column}" for column in range(COLUMNS)],
            title=f"Step {step:,}",
        )
        return self._save_step(sheet, step)
