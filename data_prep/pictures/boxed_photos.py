"""From photos with boxes on them to a catalogue.

The three data sets of the paper are photos of which a part is meant. Two
boxes on one photo show the same scene, so they must not stand on both sides
of the split.
"""

import dataclasses
import hashlib
import pathlib
from collections import Counter
from collections.abc import Mapping, Sequence

from data_prep.pictures.catalogue import Catalogue, Item
from data_prep.pictures.class_names import (
    check_classes,
    in_label_order,
    tell_apart,
)
from data_prep.pictures.split import assign_splits, mend_splits
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class BoxedPhoto:
    """One box on a photo, i.e. one example to come.

    Args:
        id: unique name.
        class_id: of the class in the raw data; the name of its folder.
        photo: name of the photo; boxes that share it share their split.
        path: of the file, which may be missing.
        box: left, top, right, bottom in pixels; None takes the whole file.
        split: `"train"`, `"test"`, or `""` where the raw data does not say.
    """

    id: str
    class_id: str
    photo: str
    path: pathlib.Path
    box: tuple[int, int, int, int] | None = None
    split: str = ""


def _sizes(photos: Sequence[BoxedPhoto]) -> dict[pathlib.Path, int]:
    """Returns the bytes of the files that are there."""
    sizes = {}
    for path in {photo.path for photo in photos}:
        try:
            sizes[path] = path.stat().st_size
        except OSError:
            continue
    if not sizes:
        raise UserError(
            f"Expected {len(photos)} photos such as {photos[0].path}. "
            "Received: none of them is there. Put them there, or give "
            "another --manual_dir."
        )
    return sizes


def _without_doubles(
    photos: Sequence[BoxedPhoto],
) -> tuple[list[BoxedPhoto], list[tuple[str, str]]]:
    """Returns photos in the order of their ids, and (id, reason) of doubles."""
    unique = {}
    doubles = []
    for photo in photos:
        if photo.id in unique:
            doubles.append((photo.id, "listed twice"))
        else:
            unique[photo.id] = photo
    return [unique[key] for key in sorted(unique)], doubles


def _fingerprint(
    class_names: Sequence[str],
    items: Sequence[Item],
    sizes: Mapping[pathlib.Path, int],
) -> str:
    """Returns a SHA-256 over all that matters but the place and the pixels."""
    lines = [
        f"{item.id}\t{item.label}\t{item.split}\t{item.box}\t"
        f"{sizes.get(item.path)}"
        for item in items
    ]
    return hashlib.sha256(
        "\n".join((*class_names, *lines)).encode()
    ).hexdigest()


def _to_items(
    photos: Sequence[BoxedPhoto],
    order: Sequence[str],
    sizes: Mapping[pathlib.Path, int],
) -> tuple[Item, ...]:
    label_of = {class_id: label for label, class_id in enumerate(order)}
    labels = [label_of[photo.class_id] for photo in photos]
    names = [photo.photo for photo in photos]
    splits = mend_splits(
        names,
        labels,
        assign_splits(names, labels),
        [photo.path in sizes for photo in photos],
    )
    return tuple(
        Item(
            photo.id,
            label,
            photo.split or split,
            photo.path,
            photo.box,
            photo.photo,
        )
        for photo, label, split in zip(photos, labels, splits, strict=True)
    )


def _count(
    items: Sequence[Item],
    order: Sequence[str],
    sizes: Mapping[pathlib.Path, int],
) -> Counter:
    """Returns the files that are there, by (class id, split)."""
    there = (item for item in items if item.path in sizes)
    return Counter((order[item.label], item.split) for item in there)


def to_catalogue(
    photos: Sequence[BoxedPhoto],
    names: Mapping[str, str],
    *,
    class_order: str,
    least: int,
    source: str,
    refused: Sequence[tuple[str, str]] = (),
) -> Catalogue:
    """Returns the catalogue of some photos.

    One whose file is missing stays in it, to be refused when it is read.

    Args:
        photos: in any order.
        names: of the classes in use, by their id.
        class_order: `"name"` or `"upstream"`, see `class_names`.
        least: files that every class must have.
        source: a sentence for people.
        refused: (name, reason) of what else was found unusable.

    Raises:
        UserError: no photo is there, or too few of a class.
    """
    photos, doubles = _without_doubles(photos)
    sizes = _sizes(photos)
    names = tell_apart(names)
    order = in_label_order(names, class_order)
    items = _to_items(photos, order, sizes)
    check_classes(names, _count(items, order, sizes), least)
    class_names = tuple(names[class_id] for class_id in order)
    return Catalogue(
        class_names=class_names,
        items=items,
        source=f"{source}, {len(items)} pictures",
        source_sha256=_fingerprint(class_names, items, sizes),
        refused=(*refused, *doubles),
        fixed_split=any(photo.split for photo in photos),
    )
