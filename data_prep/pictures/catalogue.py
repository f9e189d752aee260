"""What a raw data set holds, known before the first picture is decoded."""

import dataclasses
import pathlib
from collections.abc import Collection

from data_prep.pictures.split import mend_splits


# Slots: there may be a million of these.
@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One example to come.

    Args:
        id: unique name, stored with the example; for photos the path below
            the root.
        label: index into `Catalogue.class_names`.
        split: `"train"` or `"test"`.
        path: of its file, for those that come from files.
        box: left, top, right, bottom of the part of the photo that is meant,
            in pixels of the file as it is stored; None takes all of it.
        photo: what it is a part of; items that share it share their split.
            Empty where it is the whole, and `id` is its name.
    """

    id: str
    label: int
    split: str
    path: pathlib.Path | None = None
    box: tuple[float, float, float, float] | None = None
    photo: str = ""


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Classes and examples of a raw data set.

    Args:
        class_names: in label order.
        items: every example to come.
        source: a sentence for people: where the pictures come from.
        source_sha256: changes when the source does; tells whether a prepared
            set was made from this source.
        refused: (name, reason) of what was found unusable while listing;
            counted and listed like pictures that cannot be read.
        fixed_split: the raw data says what is for testing.
    """

    class_names: tuple[str, ...]
    items: tuple[Item, ...]
    source: str
    source_sha256: str
    refused: tuple[tuple[str, str], ...] = ()
    fixed_split: bool = False

    def of_split(self, split: str) -> tuple[Item, ...]:
        """Returns the items of `"train"` or `"test"`."""
        return tuple(item for item in self.items if item.split == split)

    def moves(self, unreadable: Collection[str]) -> dict[str, str]:
        """Returns the new splits, by id, of the items that must change sides.

        They do where a class would else be without training or test images
        (see `mend_splits`), and never if the split is fixed.
        """
        if self.fixed_split or not unreadable:
            return {}
        splits = mend_splits(
            [item.photo or item.id for item in self.items],
            [item.label for item in self.items],
            [item.split for item in self.items],
            [item.id not in unreadable for item in self.items],
        )
        return {
            item.id: split
            for item, split in zip(self.items, splits, strict=True)
            if split != item.split
        }
