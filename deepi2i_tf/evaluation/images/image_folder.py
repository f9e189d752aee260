"""Images that lie as `<folder>/<class>/*.png`, whoever made them.

Everything is looked at once before any work begins: every file is decoded,
so that a broken one is known now and not after hours. Nothing is resized or
converted, since that would change what is measured.
"""

import dataclasses
import hashlib
import io
import os
from collections.abc import Iterator

import numpy as np
from PIL import Image

from deepi2i_tf.evaluation.cache.progress import Progress
from deepi2i_tf.evaluation.reference.training import Say
from deepi2i_tf.utils.errors import UserError

ENDINGS = (".png", ".jpg", ".jpeg")
_UNREADABLE = (OSError, ValueError, SyntaxError, Image.DecompressionBombError)


@dataclasses.dataclass(frozen=True)
class ImageFolder:
    """A folder of class folders whose images are all RGB squares of one size.

    Args:
        path: the folder.
        flag: the flag that named it, for sentences.
        class_names: names of the class folders, sorted.
        resolution: side of the images, in pixels.
        files: names of the files of each class, sorted.
        identity: SHA-256 over the names and contents of all files.
    """

    path: str
    flag: str
    class_names: tuple[str, ...]
    resolution: int
    files: tuple[tuple[str, ...], ...]
    identity: bytes

    def image(self, label: int, row: int) -> np.ndarray:
        """One image.

        Args:
            label: its class.
            row: its place in the class.

        Returns:
            uint8, (R, R, 3).

        Raises:
            UserError: the file has changed or gone since it was looked at.
        """
        name = self.files[label][row]
        path = os.path.join(self.path, self.class_names[label], name)
        image = _decode(path, _read(path))
        if image.shape != (self.resolution, self.resolution, 3):
            raise _other_size(path, image.shape, self.resolution, "the others")
        return image


def read_image_folder(path: str, flag: str, say: Say) -> ImageFolder:
    """Looks at every file of a folder.

    Args:
        path: the folder.
        flag: the flag that named it.
        say: takes progress lines.

    Raises:
        UserError: there is no class folder or an empty one, or a file is no
            image, cannot be read, is grey, no square, or of another size
            than the first.
    """
    class_names = _class_names(path, flag)
    files = [_file_names(os.path.join(path, name)) for name in class_names]
    progress = Progress(f"files of {flag}", sum(map(len, files)), 0, say)
    digest = hashlib.sha256()
    first, side = "", 0
    for file in _paths(path, class_names, files):
        content = _read(file)
        digest.update(os.path.relpath(file, path).encode())
        digest.update(hashlib.sha256(content).digest())
        shape = _decode(file, content).shape
        first, side = first or file, side or shape[0]
        if shape != (side, side, 3):
            raise _other_size(file, shape, side, first)
        progress.add(1)
    return ImageFolder(
        path=path,
        flag=flag,
        class_names=class_names,
        resolution=side,
        files=tuple(map(tuple, files)),
        identity=digest.digest(),
    )


def require_alike(translations: ImageFolder, reals: ImageFolder) -> None:
    """Refuses folders that cannot be compared.

    Args:
        translations: the images to measure.
        reals: the real images.

    Raises:
        UserError: a class is missing on one side, or the resolutions differ.
    """
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


def _class_names(path: str, flag: str) -> tuple[str, ...]:
    if not os.path.isdir(path):
        raise UserError(
            f"Expected {flag} to be a folder of class folders. Received: "
            f"{path}, which is no folder. Check the path."
        )
    entries = sorted(e.name for e in os.scandir(path) if e.name[0] != ".")
    loose = [e for e in entries if e.lower().endswith(ENDINGS)]
    names = [e for e in entries if os.path.isdir(os.path.join(path, e))]
    if loose or len(names) < 2:
        found = loose[0] if loose else f"{len(names)} folders"
        raise UserError(
            f"Expected {path} to hold two or more class folders and no "
            f"images beside them. Received: {found}. Lay the images out as "
            "<class>/<name>.png."
        )
    return tuple(names)


def _file_names(folder: str) -> list[str]:
    names = sorted(e.name for e in os.scandir(folder) if e.name[0] != ".")
    others = [n for n in names if not n.lower().endswith(ENDINGS)]
    if others or not names:
        raise UserError(
            f"Expected {folder} to hold PNG or JPEG images and nothing else. "
            f"Received: {others[0] if others else 'no file'}. Convert or "
            "remove it."
        )
    return names


def _paths(
    path: str, class_names: tuple[str, ...], files: list[list[str]]
) -> Iterator[str]:
    for name, names in zip(class_names, files, strict=True):
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
        with Image.open(io.BytesIO(content)) as image:
            mode, pixels = image.mode, np.asarray(image)
    except _UNREADABLE as error:
        raise _unreadable(path, error) from error
    if mode != "RGB":
        kind = "grey" if mode in ("1", "L", "LA", "I", "I;16", "F") else "other"
        raise UserError(
            f"Expected images in RGB, as the translator's own. Received: "
            f"{path}, {kind} (mode {mode}). Convert it to RGB."
        )
    return pixels


def _unreadable(path: str, error: Exception) -> UserError:
    return UserError(
        f"Expected {path} to be a PNG or JPEG image. Received: a file that "
        f"cannot be read ({type(error).__name__}). Replace or remove it."
    )


def _other_size(path: str, shape: tuple, side: int, first: str) -> UserError:
    like = "" if path == first else f" of {side} pixels, like {first}"
    return UserError(
        f"Expected {path} to be a square{like}. Received: "
        f"{shape[1]}x{shape[0]}. Bring all images of the folder to one size."
    )
