"""What a raw data set holds, known before the first picture is decoded."""

import dataclasses
import pathlib


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
    """

    id: str
    label: int
    split: str
    path: pathlib.Path | None = None
    box: tuple[float, float, float, float] | None = None


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
    """

    class_names: tuple[str, ...]
    items: tuple[Item, ...]
    source: str
    source_sha256: str
    refused: tuple[tuple[str, str], ...] = ()

    def of_split(self, split: str) -> tuple[Item, ...]:
        """Returns the items of `"train"` or `"test"`."""
        return tuple(item for item in self.items if item.split == split)
