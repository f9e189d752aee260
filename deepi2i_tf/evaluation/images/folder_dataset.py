"""The two sides of a comparison of folders: translations, and real images.

A tenth of the real images of each class, chosen by the hash of their names,
is kept for testing: RC's and FC's classifiers are tested on it, and RC's
learns the rest. So the split is the same every time and on every machine.
"""

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np

from deepi2i_tf.evaluation.images.image_folder import ImageFolder
from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
    TRAIN,
    Examples,
    LabelledImages,
)
from deepi2i_tf.evaluation.translations import Batch
from deepi2i_tf.utils.errors import UserError

TEST_SHARE = 0.1


def folder_set(folder: ImageFolder) -> LabelledImages:
    """A folder of real images as an `LabelledImages` of two splits.

    Args:
        folder: the real images.

    Raises:
        UserError: a class has too few images to have both splits.
    """
    splits: dict[str, list[tuple[int, int]]] = {TRAIN: [], TEST: []}
    for label, files in enumerate(folder.files):
        if len(files) < 2:
            raise UserError(
                "Expected at least 2 real images of every class, one for RC's "
                "classifier to learn and one to test it on. Received: "
                f"{len(files)} of {folder.class_names[label]} in "
                f"{folder.path}. Add images."
            )
        for row, split in enumerate(split_of_files(files)):
            splits[split].append((label, row))

    def read(split: str) -> Examples:
        for label, row in splits[split]:
            yield {"image": folder.image(label, row), "label": label}

    return LabelledImages(
        path=folder.path,
        resolution=folder.resolution,
        class_names=folder.class_names,
        identity=folder.identity,
        has_pose=False,
        sizes={split: len(rows) for split, rows in splits.items()},
        read=read,
    )


def split_of_files(names: tuple[str, ...]) -> list[str]:
    """The split of each file of a class; one at least is for testing.

    Args:
        names: names of the files, without folders.

    Returns:
        `"train"` or `"test"` for each.
    """
    hashes = [hashlib.sha256(name.encode()).digest() for name in names]
    quota = max(1, int(len(names) * TEST_SHARE + 0.5))
    tested = set(sorted(hashes)[:quota])
    return [TEST if each in tested else TRAIN for each in hashes]


class FolderTranslations:
    """Translations that lie in a folder; what they were made from is unknown.

    Args:
        folder: the translations.
        batch_size: images read together.

    Attributes:
        sources: None.
        message: what the protocol says of them.
    """

    sources = None

    def __init__(self, folder: ImageFolder, batch_size: int) -> None:
        self._folder, self._batch_size = folder, batch_size
        self.message: Mapping[str, str] = {
            "targets": "the class folders of the translations"
        }

    def count(self, target: int) -> int:
        """Number of files of a class; see `Translations`.

        Args:
            target: the class.
        """
        return len(self._folder.files[target])

    def batches(self, target: int) -> Iterator[Batch]:
        """The images of one class, by name.

        Args:
            target: the class.
        """
        for start in range(0, self.count(target), self._batch_size):
            stop = min(start + self._batch_size, self.count(target))
            rows = np.arange(start, stop)
            images = [self._folder.image(target, row) for row in rows]
            yield Batch(np.stack(images), rows, 0)
