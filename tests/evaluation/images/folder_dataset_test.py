import dataclasses

import numpy as np
import pytest

from deepi2i_tf.evaluation.images.folder_dataset import (
    FolderTranslations,
    folder_set,
    split_of_files,
)
from deepi2i_tf.evaluation.images.image_folder import ImageFolder
from deepi2i_tf.utils.errors import UserError


class _Folder(ImageFolder):
    def image(self, label, row):
        return np.full((4, 4, 3), 50 * label + row, np.uint8)


def _folder(*counts):
    files = tuple(tuple(f"{i:03d}.png" for i in range(n)) for n in counts)
    names = ("cat", "dog", "cow")[: len(counts)]
    return _Folder("root", "--reals", names, 4, files, b"sum")


def test_a_tenth_of_each_class_is_for_testing():
    data = folder_set(_folder(40, 3))
    assert data.sizes == {"train": 36 + 2, "test": 4 + 1}
    assert (data.resolution, data.class_names) == (4, ("cat", "dog"))
    assert data.identity == b"sum" and not data.has_pose
    seen = {
        split: [(e["label"], e["image"].flat[0]) for e in data.read(split)]
        for split in ("train", "test")
    }
    assert not set(seen["train"]) & set(seen["test"])
    assert len(seen["train"]) == 38 and len(seen["test"]) == 5
    labels = [label for label, _ in seen["test"]]
    assert labels == [0, 0, 0, 0, 1]


def test_the_split_follows_names_alone():
    names = tuple(f"{i}.png" for i in range(50))
    splits = dict(zip(names, split_of_files(names), strict=True))
    back = dict(zip(names[::-1], split_of_files(names[::-1]), strict=True))
    assert splits == back
    assert list(splits.values()).count("test") == 5


def test_a_class_of_one_image_is_refused():
    with pytest.raises(UserError, match="RC's classifier.*1 of dog in root"):
        folder_set(_folder(5, 1))


def test_translations_come_by_name_in_batches():
    translations = FolderTranslations(_folder(5, 2), batch_size=2)
    assert translations.sources is None
    assert [translations.count(target) for target in (0, 1)] == [5, 2]
    batches = list(translations.batches(0))
    assert [batch.rows.tolist() for batch in batches] == [[0, 1], [2, 3], [4]]
    assert {batch.place for batch in batches} == {0}
    values = [batch.images[:, 0, 0, 0].tolist() for batch in batches]
    assert values == [[0, 1], [2, 3], [4]]


def test_a_set_of_a_folder_is_read_the_same_every_time():
    data = folder_set(dataclasses.replace(_folder(20, 20)))
    first, again = (
        [int(e["image"].flat[0]) for e in data.read("train")] for _ in range(2)
    )
    assert first == again
