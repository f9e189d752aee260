"""What an image folder holds, or why it cannot be used.

Accepted are `<root>/<class>/<picture>` and, with the split given,
`<root>/{train,test}/<class>/<picture>`; links are followed. Nothing of the
user's is skipped in silence: a layout that does not fit is an error with the
remedy, a single entry that cannot be a picture is refused with its reason, and
what lies beside pictures (captions, sounds) is passed over and counted.
"""

import dataclasses
import hashlib
import pathlib
from collections import Counter
from collections.abc import Sequence

from data_prep.image_folder.folder_content import FolderContent, read_folder
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import class_folders, composed, printable_path
from deepi2i_tf.utils.picture_files import is_named_like_a_picture

LAYOUT = "<root>/<class>/<pictures> or <root>/{train,test}/<class>/<pictures>"
_SPLIT_NAMES = frozenset({"train", "test", "val", "valid", "validation"})


@dataclasses.dataclass(frozen=True)
class PhotoFile:
    """One file of an image folder.

    Args:
        path: of the file.
        id: path below the root, with `/`, valid UTF-8.
        class_name: name of its folder, in the form NFC.
        split: `"train"`, `"test"`, or `""` where the folder does not say.
        num_bytes: size of the file.
    """

    path: pathlib.Path
    id: str
    class_name: str
    split: str
    num_bytes: int


@dataclasses.dataclass(frozen=True)
class Listing:
    """All of an image folder.

    Args:
        photos: in the order of their names.
        refused: (path below the root, reason) of what cannot be a picture.
        passed_over: names of the files in classes that lie beside pictures.
        classes: names of the classes, the empty ones too, by split; the one
            split `""` where the folder does not say.
    """

    photos: tuple[PhotoFile, ...]
    refused: tuple[tuple[str, str], ...]
    passed_over: tuple[str, ...]
    classes: dict[str, tuple[str, ...]]


def _check_level(folder: pathlib.Path, content: FolderContent) -> None:
    loose = [
        path.name
        for path in content.files
        if is_named_like_a_picture(path.name)
    ]
    if loose or not content.folders:
        found = f"pictures of no class ({loose[0]})" if loose else "no folders"
        raise UserError(
            f"Expected {folder} to hold {LAYOUT}. Received: {found}. "
            "Move each class's pictures into a folder named for the class."
        )


def _read_root(root: pathlib.Path) -> FolderContent:
    if not root.is_dir():
        found = "a file" if root.exists() else "nothing there"
        raise UserError(
            f"Expected --manual_dir={root} to be a folder {LAYOUT}. "
            f"Received: {found}. Give the folder of your pictures."
        )
    content = read_folder(root)
    if not any(dataclasses.astuple(content)):
        raise UserError(
            f"Expected {root} to hold {LAYOUT}. Received: an empty folder. "
            "Put a folder of pictures per class into it."
        )
    _check_level(root, content)
    return content


def _levels(
    root: pathlib.Path, content: FolderContent
) -> dict[str, FolderContent]:
    """Returns what holds the classes by split; one, named "", if not split."""
    names = {path.name: path for path in content.folders}
    if not names.keys() <= _SPLIT_NAMES:
        return {"": content}
    levels = {name: read_folder(path) for name, path in names.items()}
    if not all(level.folders for level in levels.values()):
        return {"": content}
    if names.keys() != {"train", "test"}:
        raise UserError(
            f"Expected {root} to hold train and test. Received: "
            f"{', '.join(names)}. Rename them, or give one of them as "
            "--manual_dir to have it split."
        )
    for name, level in levels.items():
        _check_level(names[name], level)
    return levels


def _read_class(folder: pathlib.Path, root: pathlib.Path) -> FolderContent:
    content = read_folder(folder)
    for path in content.folders:
        if is_named_like_a_picture(path.name):
            content.refused[path] = "a folder, not a picture"
    nested = [path for path in content.folders if path not in content.refused]
    if nested:
        advice = (
            f"Move the pictures up into {folder}, or give "
            f"--manual_dir={folder} if the folders in it are the classes"
        )
        raise UserError(
            f"Expected {LAYOUT}, with pictures right in "
            f"{folder.relative_to(root)}. Received: a folder in it "
            f"({nested[0].name}). {advice}."
        )
    name = folder.name
    if "," in name or not name.isprintable():
        raise UserError(
            "Expected class names without commas and control characters "
            f"(--target lists them). Received: {name!r}. Rename the folder."
        )
    return content


def list_photos(root: pathlib.Path) -> Listing:
    """Returns everything in an image folder, in the order of the names.

    Raises:
        UserError: there is nothing, or its layout is another one.
    """
    top = _read_root(root)
    levels = _levels(root, top)
    unusable = dict(top.refused)
    others: list[str] = []
    photos: dict[str, PhotoFile] = {}
    classes = {}
    for split, level in levels.items():
        unusable.update(level.refused)
        names = class_folders([path.name for path in level.folders], root)
        classes[split] = tuple(names)
        for folder in level.folders:
            class_name = composed(folder.name)
            content = _read_class(folder, root)
            unusable.update(content.refused)
            others += content.others
            for path, size in content.files.items():
                name = _id_of(path, root)
                photo = PhotoFile(path, name, class_name, split, size)
                if photos.setdefault(name, photo) is not photo:
                    unusable[path] = "its name reads like another file's"
    return Listing(
        tuple(photos.values()),
        tuple((_id_of(path, root), why) for path, why in unusable.items()),
        tuple(others),
        classes,
    )


def _id_of(path: pathlib.Path, root: pathlib.Path) -> str:
    return printable_path(path.relative_to(root).as_posix())


def check_classes(
    root: pathlib.Path, listing: Listing, least: int
) -> tuple[str, ...]:
    """Returns the class names, sorted.

    Raises:
        UserError: fewer than two classes, a class with too few images, or one
            without images in one of the given splits.
    """
    counts = Counter(photo.class_name for photo in listing.photos)
    names = tuple(
        sorted({name for some in listing.classes.values() for name in some})
    )
    if len(names) < 2:
        raise UserError(
            f"Expected at least two classes in {root}. Received: one "
            f"({names[0]}). Add a folder per class."
        )
    small = [name for name in names if counts[name] < least]
    if small:
        listed = ", ".join(f"{name} ({counts[name]})" for name in small[:5])
        advice = "Add images or remove the folder"
        if 2 * len(small) > len(names) > 2:
            advice = "Put all pictures of a class into one folder named for it"
        more = f" and {len(small) - 5} more" if len(small) > 5 else ""
        raise UserError(
            f"Expected at least {least} images in every class "
            f"(--min_images_per_class). Received: {listed}{more}. {advice}."
        )
    for split in listing.classes:
        _check_split(root, listing, names, split)
    return names


def _check_split(
    root: pathlib.Path, listing: Listing, names: tuple[str, ...], split: str
) -> None:
    has = {photo.class_name for photo in listing.photos if photo.split == split}
    lacking = [name for name in names if name not in has]
    if lacking:
        raise UserError(
            f"Expected every class in {root / split}. Received: no images "
            f"of {lacking[0]}. Add some, or give {root / 'train'} as "
            "--manual_dir to have it split."
        )


def fingerprint(photos: Sequence[PhotoFile]) -> str:
    """Returns a SHA-256 over names and sizes, which the place leaves alone."""
    lines = "\n".join(f"{photo.id}\t{photo.num_bytes}" for photo in photos)
    return hashlib.sha256(lines.encode()).hexdigest()
