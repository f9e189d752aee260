"""Sheets of samples that can be compared over a run.

Every sheet of a run shows the same sources, the same z and the same classes,
so that two of them differ by training alone.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from deepi2i_tf.config import Config
from deepi2i_tf.data import (
    DATA_ERRORS,
    PreparedData,
    describe_data_error,
    read_split,
)
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks import z_length
from deepi2i_tf.runs.layout import REAL_SHEET, sheet_name
from deepi2i_tf.utils.atomic_files import explain_disk_errors
from deepi2i_tf.utils.image_geometry import to_uint8
from deepi2i_tf.utils.image_grid import draw_sheet, save_png
from deepi2i_tf.utils.spacing import evenly_spaced

SEARCHED = 512
REAL_ROWS = 6
MAX_SOURCES = 6
MAX_TARGETS = 8
PIXELS_AT_ONCE = 2**18  # 64 images of 64 pixels: bounds the memory
MAX_CLASSES = 12
NUM_Z = 8
# A stream beside that of the steps' noise.
Z_STREAM = 7


class Sheets:
    """Draws real images once, and saves sheets of samples."""

    def __init__(
        self, folder: Path, data: PreparedData, shown: list[int]
    ) -> None:
        self._folder = folder
        self._data = data
        self._names = data.class_names
        self._shown = shown

    def draw_real(self) -> Path:
        """Draws training images, a column of each class; returns the path."""
        columns = {int(label): [] for label in self._shown}
        # Of thousands of classes, those to be shown may all come later.
        others: dict[int, list] = {}
        for example in first_examples(self._data, "train"):
            label = int(example["label"])
            column = columns.get(label, others.get(label))
            if column is None and len(others) < len(columns):
                column = others[label] = []
            if column is not None and len(column) < REAL_ROWS:
                column.append(example["image"])
        if not any(columns.values()):
            columns = others
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
        return self._save(sheet, REAL_SHEET)

    def _save_step(
        self, sheet: Image.Image, step: int
    ) -> tuple[Path, np.ndarray]:
        """The picture's path, and it as uint8 (height, width, 3)."""
        path = self._save(sheet, sheet_name(step))
        return path, np.asarray(sheet.convert("RGB"))

    def _save(self, sheet: Image.Image, name: str) -> Path:
        path = self._folder / name
        with explain_disk_errors(path, "The checkpoints are there."):
            save_png(sheet, path)
        return path


class TranslationSheets(Sheets):
    """Sheets of translations; sources are held-out images of many classes."""

    def __init__(
        self, folder: Path, data: PreparedData, config: Config
    ) -> None:
        targets = evenly_spaced(len(data.class_names), MAX_TARGETS)
        super().__init__(folder, data, targets)
        self._sources, self._labels = self._pick_sources()
        random = np.random.default_rng([config.training.seed, MAX_SOURCES])
        self._z = random.standard_normal(
            (len(self._sources), z_length(config.network)), dtype=np.float32
        )

    def draw(self, translator: object, step: int) -> tuple[Path, np.ndarray]:
        """Draws source rows x target columns.

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
            ["source", *(self._names[label] for label in self._shown)],
            title=f"Step {step:,}",
        )
        return self._save_step(sheet, step)

    def _translate(self, translator: object) -> np.ndarray:
        """All translations, uint8 (sources, targets, R, R, 3)."""
        count, side = len(self._shown), self._sources[0].shape[0]
        at_once = max(1, PIXELS_AT_ONCE // (side * side * count))
        parts = []
        for first in range(0, len(self._sources), at_once):
            chosen = slice(first, first + at_once)
            sources = np.stack(self._sources[chosen]).astype(np.float32)
            images = translator(
                np.repeat(sources / 127.5 - 1.0, count, axis=0),
                z=np.repeat(self._z[chosen], count, axis=0),
                labels=np.tile(np.int32(self._shown), len(sources)),
                training=False,
            )
            parts.append(to_uint8(np.asarray(images)))
        return np.concatenate(parts).reshape(-1, count, side, side, 3)

    def _pick_sources(self) -> tuple[list[np.ndarray], list[int]]:
        """Held-out images of as many different classes as there are rows."""
        wanted = evenly_spaced(len(self._names), MAX_SOURCES)
        found, others = {}, {}
        for example in first_examples(self._data, "test"):
            label = int(example["label"])
            if label in wanted:
                found.setdefault(label, example["image"])
            elif len(others) < len(wanted):
                others.setdefault(label, example["image"])
            if len(found) == len(wanted):
                break
        found = found or others
        labels = sorted(found)
        return [found[label] for label in labels], labels


class ClassSheets(Sheets):
    """Sheets of a class-conditional generator: class rows x z columns."""

    def __init__(
        self, folder: Path, data: PreparedData, config: Config
    ) -> None:
        classes = evenly_spaced(len(data.class_names), MAX_CLASSES)
        super().__init__(folder, data, classes)
        random = np.random.default_rng([config.training.seed, Z_STREAM])
        self._z = random.standard_normal(
            (NUM_Z, z_length(config.network)), dtype=np.float32
        )

    def draw(self, generator: object, step: int) -> tuple[Path, np.ndarray]:
        """Draws class rows x z columns.

        Returns:
            Path of the picture, and it as uint8 (height, width, 3).
        """
        rows = []
        for label in self._shown:  # One at a time bounds the memory.
            labels = np.full(NUM_Z, label, np.int32)
            images = generator(self._z, labels=labels, training=False)
            rows.append(list(to_uint8(np.asarray(images))))
        sheet = draw_sheet(
            rows,
            [self._names[label] for label in self._shown],
            [f"z {column}" for column in range(NUM_Z)],
            title=f"Step {step:,}",
        )
        return self._save_step(sheet, step)


def make_sheets(folder: Path, data: PreparedData, config: Config) -> Sheets:
    """Sheets of what the model of a configuration makes."""
    pretrains = config.training.stage == PRETRAIN
    sheets = ClassSheets if pretrains else TranslationSheets
    return sheets(folder, data, config)


def first_examples(data: PreparedData, split: str) -> Iterator[dict]:
    """The first examples of a split: enough to see most classes.

    Raises:
        UserError: a shard is damaged or has vanished.
    """
    examples = read_split(data, split).take(SEARCHED)
    try:
        yield from examples.as_numpy_iterator()
    except DATA_ERRORS as error:
        raise describe_data_error(error, data) from error
