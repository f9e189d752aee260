"""Images that lie as `<folder>/<class>/*.png`, whoever made them.

Everything is read once before any work begins: every file is decoded,
so that a broken one is known now and not after hours. Nothing is resized or
converted, since that would change what is measured.

A tenth of the real images of each class, chosen by the hash of their names,
is kept for testing: RC's and FC's classifiers are tested on it, and RC's
learns the rest. So the split is the same every time and on every machine.
"""

import dataclasses
import hashlib
import io
import os
from collections.abc import Iterator, Mapping

import numpy as np
from PIL import Image

from deepi2i_tf.evaluation.images.labelled_images import (
    TEST,
    TRAIN,
    Examples,
    LabelledImages,
)
from deepi2i_tf.evaluation.translations import Batch
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import class_folders
from deepi2i_tf.utils.picture_files import (
    FORMATS,
    is_named_like_a_picture,
    is_of_another_kind,
    is_system_entry,
    tell_passed_over,
    unread_format,
)
from deepi2i_tf.utils.progress import progress_bar

TEST_FRACTION = 0.1
_UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclasses.dataclass(frozen=True)
class ImageFolder:
    """A folder of class folders whose images are all RGB squares of one size.

    Args:
        path: the folder.
        flag: the flag that named it, for sentences.
        folders: the class folders on disk, by label.
        class_names: their names in the form NFC, sorted.
        resolution: side of the images, in pixels.
        files: names of the files of each class, sorted.
        identity: SHA-256 over the names and contents of all files.
    """

    path: str
    flag: str
    folders: tuple[str, ...]
    class_names: tuple[str, ...]
    resolution: int
    files: tuple[tuple[str, ...], ...]
    identity: bytes

    def image(self, label: int, row: int) -> np.ndarray:
        """One image of a class, uint8, (R, R, 3).

        Raises:
            UserError: the file has changed or gone since it was first read.
        """
        name = self.files[label][row]
        path = os.path.join(self.path, self.folders[label], name)
        image = _decode(path, _read(path))
        if image.shape != (self.resolution, self.resolution, 3):
            raise _other_size(path, image.shape, self.resolution, "the others")
        return image


def read_image_folder(path: str, flag: str) -> ImageFolder:
    """Reads every file of a folder once.

    Raises:
        UserError: there is no class folder or an empty one, or a file is no
            image, cannot be read, is grey, no square, or of another size
            than the first.
    """
    folder_of = class_folders(_folder_names(path, flag), path)
    folders = tuple(folder_of.values())
    files = _files_of_classes(path, folders)
    digest = hashlib.sha256()
    first, side = "", 0
    with progress_bar(f"files of {flag}", sum(map(len, files))) as bar:
        for file in _paths(path, folders, files):
            content = _read(file)
            digest.update(os.fsencode(os.path.relpath(file, path)))
            digest.update(hashlib.sha256(content).digest())
            shape = _decode(file, content).shape
            first, side = first or file, side or shape[0]
            if shape != (side, side, 3):
                raise _other_size(file, shape, side, first)
            bar.update()
    return ImageFolder(
        path=path,
        flag=flag,
        folders=folders,
        class_names=tuple(folder_of),
        resolution=side,
        files=tuple(map(tuple, files)),
        identity=digest.digest(),
    )


def read_both_folders(
    translations: str, reals: str
) -> tuple[ImageFolder, ImageFolder]:
    """Reads the folders of `--translations` and `--reals`, which must match."""
    folders = (
        read_image_folder(translations, "--translations"),
        read_image_folder(reals, "--reals"),
    )
    require_alike(*folders)
    return folders


def require_alike(translations: ImageFolder, reals: ImageFolder) -> None:
    """Raises `UserError` where classes or resolutions differ."""
    for one, other in ((translations, reals), (reals, translations)):
        missing = [n for n in one.class_names if n not in other.class_names]
        if missing:
            raise UserError(
                f"Expected {other.path} to hold the classes of {one.path}. "
                f"Received: no folder {missing[0]}, one of {len(missing)} "
                f"that are missing. Give the same class folders to {one.flag} "
                f"and {other.flag}."
            )
    if translations.resolution != reals.resolution:
        raise UserError(
            "Expected translations and real images of one resolution. "
            f"Received: {translations.resolution} px in {translations.path}, "
            f"{reals.resolution} px in {reals.path}. Resize the real images "
            "as the translator's own were."
        )


def folder_dataset(folder: ImageFolder) -> LabelledImages:
    """A folder of real images as `LabelledImages` of two splits.

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
        read_labels=lambda split: [label for label, _ in splits[split]],
    )


def split_of_files(names: tuple[str, ...]) -> list[str]:
    """The split of each file name of a class; one at least is for testing."""
    hashes = [hashlib.sha256(os.fsencode(name)).digest() for name in names]
    quota = max(1, int(len(names) * TEST_FRACTION + 0.5))
    tested = set(sorted(hashes)[:quota])
    return [TEST if each in tested else TRAIN for each in hashes]


class FolderTranslations:
    """Translations that lie in a folder, of unknown sources."""

    sources = None
    num_z = 1
    how_to_add = "Add images to their folders"

    def __init__(self, folder: ImageFolder, batch_size: int) -> None:
        self._folder, self._batch_size = folder, batch_size
        self.protocol: Mapping[str, str] = {
            "targets": "the class folders of the translations"
        }

    def count(self, target: int) -> int:
        """Number of files of a class."""
        return len(self._folder.files[target])

    def batches(self, target: int) -> Iterator[Batch]:
        """The images of one class, by name."""
        for start in range(0, self.count(target), self._batch_size):
            stop = min(start + self._batch_size, self.count(target))
            rows = np.arange(start, stop)
            images = [self._folder.image(target, row) for row in rows]
            yield Batch(np.stack(images), rows, 0)


def _folder_names(path: str, flag: str) -> list[str]:
    if not os.path.isdir(path):
        raise UserError(
            f"Expected {flag} to be a folder of class folders. Received: "
            f"{path}, which is no folder. Check the path."
        )
    entries = _entries(path)
    loose = [e for e in entries if is_named_like_a_picture(e)]
    names = [e for e in entries if os.path.isdir(os.path.join(path, e))]
    if loose or len(names) < 2:
        found = loose[0] if loose else f"{len(names)} folders"
        raise UserError(
            f"Expected {path} to hold two or more class folders and no "
            f"images beside them. Received: {found}. Lay the images out as "
            "<class>/<name>.png."
        )
    return names


def _entries(folder: str) -> list[str]:
    return [n for n in sorted(os.listdir(folder)) if not is_system_entry(n)]


def _files_of_classes(
    path: str, class_names: tuple[str, ...]
) -> list[list[str]]:
    """Names of the images of each class; says what was passed over."""
    files, others = [], []
    for folder in (os.path.join(path, name) for name in class_names):
        names = _entries(folder)
        files.append([name for name in names if not is_of_another_kind(name)])
        others += filter(is_of_another_kind, names)
        if not files[-1]:
            found = f"{len(names)} other files" if names else "no file"
            raise UserError(
                f"Expected {folder} to hold images. Received: {found}. Add "
                "images, or remove the folder."
            )
    tell_passed_over(path, others)
    return files


def _paths(
    path: str, folders: tuple[str, ...], files: list[list[str]]
) -> Iterator[str]:
    for name, names in zip(folders, files, strict=True):
        for file in names:
            yield os.path.join(path, name, file)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def _decode(path: str, content: bytes) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            mode, pixels = image.mode, np.asarray(image)
    except Image.UnidentifiedImageError as error:
        raise _unreadable(path, error, unread_format(content[:12])) from error
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    if mode != "RGB":
        kind = "grey" if mode in ("1", "L", "LA", "I", "I;16", "F") else "other"
        raise UserError(
            f"Expected images in RGB, as the translator's own. Received: "
            f"{path}, {kind} (mode {mode}). Convert it to RGB."
        )
    return pixels


def _unreadable(path: str, error: Exception, kind: str = "") -> UserError:
    found = kind or f"a file that cannot be read ({type(error).__name__})"
    return UserError(
        f"Expected {path} to be an image. Received: {found}. Replace or "
        "remove it."
    )


def _other_size(path: str, shape: tuple, side: int, first: str) -> UserError:
    like = "" if path == first else f" of {side} pixels, like {first}"
    return UserError(
        f"Expected {path} to be a square{like}. Received: "
        f"{shape[1]}x{shape[0]}. Bring all images of the folder to one size."
    )
