"""The folder of a run's sheets, and its sheet of real images."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.utils.atomic_files import explain_disk_errors
from deepi2i_tf.utils.image_grid import draw_sheet, save_png

SEARCHED = 512
REAL_FILE = "real.png"
REAL_ROWS = 6


class SheetFolder:
    """Draws real images once, and saves sheets of samples.

    Args:
        folder: `<run_dir>/samples`.
        prepared: the data set.
        shown: classes whose real images are shown.
    """

    def __init__(
        self, folder: Path, prepared: PreparedData, shown: list[int]
    ) -> None:
        self._folder = folder
        self._names = prepared.class_names
        self._shown = shown

    def draw_real(self, prepared: PreparedData) -> Path:
        """Draws training images, a column of each class.

        Args:
            prepared: the data set; its training split is shown.

        Returns:
            Path of the picture.
        """
        columns = {int(label): [] for label in self._shown}
        for example in first_examples(prepared, "train"):
            column = columns.get(int(example["label"]))
            if column is not None and len(column) < REAL_ROWS:
                column.append(example["image"])
        depth = max(map(len, columns.values()))
        rows = [
            [
                images[row] if row < len(images) else None
                for images in columns.values()
            ]
            for row in range(depth)
        ]
        names = [self._names[label] for label in columns]
        sheet = draw_sheet(rows, [""] * depth, names, title="Real images")
        return self._save(sheet, REAL_FILE)

    def _save_step(
        self, sheet: Image.Image, step: int
    ) -> tuple[Path, np.ndarray]:
        """The picture's path, and it as uint8 (height, width, 3)."""
        path = self._save(sheet, f"step-{step:06d}.png")
        return path, np.asarray(sheet.convert("RGB"))

    def _save(self, sheet: Image.Image, name: str) -> Path:
        path = self._folder / name
        with explain_disk_errors(path, "The checkpoints are there."):
            save_png(sheet, path)
        return path


def first_examples(prepared: PreparedData, split: str) -> Iterator[dict]:
    """The first examples of a split: enough to see most classes.

    Args:
        prepared: the data set.
        split: `"train"` or `"test"`.

    Yields:
        Examples of `read_split`, as arrays.

    Raises:
        UserError: a shard is damaged or has vanished.
    """
    examples = read_split(prepared, split).take(SEARCHED)
    try:
        yield from examples.as_numpy_iterator()
    except DATA_ERRORS as error:
        raise describe_data_error(error, prepared) from error
