"""What an image folder holds, or why it cannot be used.

Accepted are `<root>/<class>/<picture>` and, with the split given,
`<root>/{train,test}/<class>/<picture>`. Nothing is skipped in silence: what
does not fit is refused with the remedy.
"""

import dataclasses
import hashlib
import os
import pathlib
from collections import Counter

from data_prep.errors import Refusal

LAYOUT = "<root>/<class>/<pictures> or <root>/{train,test}/<class>/<pictures>"
_SPLIT_NAMES = frozenset({"train", "test", "val", "valid", "validation"})
_LITTER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
_PICTURE_ENDINGS = (
    ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".webp", ".tif", ".tiff",
)  # fmt: skip


@dataclasses.dataclass(frozen=True)
class PhotoFile:
    """One file of an image folder.

    Args:
        path: of the file.
        id: path below the root, with `/`, valid UTF-8.
        class_name: name of its folder.
        split: `"train"`, `"test"`, or `""` where the folder does not say.
        num_bytes: size of the file.
    """

    path: pathlib.Path
    id: str
    class_name: str
    split: str
    num_bytes: int


def _entries(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if not path.name.startswith(".") and path.name.lower() not in _LITTER
    )


def _folders(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in _entries(folder) if path.is_dir()]


def _check_root(root: pathlib.Path) -> None:
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing there"
        raise Refusal(
            f"Expected --manual_dir={root} to be a folder {LAYOUT}. "
            f"Received: {found}. Give the folder of your pictures."
        )
    entries = _entries(root)
    if not entries:
        raise Refusal(
            f"Expected {root} to hold {LAYOUT}. Received: an empty folder. "
            "Put a folder of pictures per class into it."
        )
    loose = [
        path.name
        for path in entries
        if path.name.lower().endswith(_PICTURE_ENDINGS) and path.is_file()
    ]
    if loose or not _folders(root):
        found = f"pictures of no class ({loose[0]})" if loose else "no folders"
        raise Refusal(
            f"Expected {root} to hold {LAYOUT}. Received: {found}. "
            "Move each class's pictures into a folder named for the class."
        )


def _split_folders(root: pathlib.Path) -> dict[str, pathlib.Path]:
    """Returns folders of classes by split; one, named "", without splits."""
    names = {path.name: path for path in _folders(root)}
    has_level = _SPLIT_NAMES >= names.keys() and all(
        map(_folders, names.values())
    )
    if not has_level:
        return {"": root}
    if names.keys() != {"train", "test"}:
        raise Refusal(
            f"Expected {root} to hold train and test. Received: "
            f"{', '.join(names)}. Rename them, or give one of them as "
            "--manual_dir to have it split."
        )
    return names


def _check_class_folder(folder: pathlib.Path, root: pathlib.Path) -> None:
    nested = _folders(folder)
    if nested:
        advice = (
            f"Move the pictures up into {folder}, or give "
            f"--manual_dir={folder} if the folders in it are the classes"
        )
        raise Refusal(
            f"Expected {LAYOUT}, with pictures right in "
            f"{folder.relative_to(root)}. Received: a folder in it "
            f"({nested[0].name}). {advice}."
        )
    name = folder.name
    if "," in name or not name.isprintable():
        raise Refusal(
            f"Expected class names without commas and control characters "
            f"(--target lists them). Received: {name!r}. Rename the folder."
        )


def list_photos(root: pathlib.Path) -> list[PhotoFile]:
    """Returns every file of an image folder, in the order of their names.

    Args:
        root: of the image folder.

    Raises:
        Refusal: there is nothing, or its layout is another one.
    """
    _check_root(root)
    photos = []
    for split, folder in _split_folders(root).items():
        for class_folder in _folders(folder):
            _check_class_folder(class_folder, root)
            for path in _entries(class_folder):
                relative = path.relative_to(root).as_posix()
                name = os.fsencode(relative).decode("utf-8", "backslashreplace")
                size = path.stat().st_size if path.is_file() else 0
                photos.append(
                    PhotoFile(path, name, class_folder.name, split, size)
                )
    return photos


def check_classes(
    root: pathlib.Path, photos: list[PhotoFile], least: int
) -> tuple[str, ...]:
    """Returns the class names, sorted.

    Args:
        root: of the image folder, for the message.
        photos: of `list_photos`.
        least: images that every class must have.

    Raises:
        Refusal: fewer than two classes, a class with too few images, or one
            without images in one of the given splits.
    """
    counts = Counter(photo.class_name for photo in photos)
    level = _split_folders(root)
    for folder in level.values():
        counts.update({path.name: 0 for path in _folders(folder)})
    names = tuple(sorted(counts))
    if len(names) < 2:
        raise Refusal(
            f"Expected at least two classes in {root}. Received: one "
            f"({names[0]}). Add a folder per class."
        )
    small = [name for name in names if counts[name] < least]
    if small:
        listed = ", ".join(f"{name} ({counts[name]})" for name in small[:5])
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        raise Refusal(
            f"Expected at least {least} images in every class "
            f"(--min_images_per_class). Received: {listed}{more}. Add images "
            "or remove the folder."
        )
    for split in level:
        _check_split(root, photos, names, split)
    return names


def _check_split(
    root: pathlib.Path,
    photos: list[PhotoFile],
    names: tuple[str, ...],
    split: str,
) -> None:
    has = {photo.class_name for photo in photos if photo.split == split}
    lacking = [name for name in names if name not in has]
    if lacking:
        raise Refusal(
            f"Expected every class in {root / split}. Received: no images "
            f"of {lacking[0]}. Add some, or give {root / 'train'} as "
            "--manual_dir to have it split."
        )


def fingerprint(photos: list[PhotoFile]) -> str:
    """Returns a SHA-256 over names and sizes, which the place leaves alone.

    Args:
        photos: of `list_photos`.
    """
    lines = "\n".join(f"{photo.id}\t{photo.num_bytes}" for photo in photos)
    return hashlib.sha256(lines.encode()).hexdigest()
