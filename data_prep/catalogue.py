"""What a raw data set holds, known before the first picture is decoded."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Item:
    """One example to come.

    Args:
        id: unique name, stored with the example; for photos the path below
            the root.
        label: index into `Catalogue.class_names`.
        split: `"train"` or `"test"`.
        path: of its file, for those that come from files.
    """

    id: str
    label: int
    split: str
    path: pathlib.Path | None = None


@dataclasses.dataclass(frozen=True)
class Catalogue:
    """Classes and examples of a raw data set.

    Args:
        class_names: in label order.
        items: every example to come.
        source: a sentence for people: where the pictures come from.
        source_sha256: changes when the source does; tells whether a prepared
            set was made from this source.
    """

    class_names: tuple[str, ...]
    items: tuple[Item, ...]
    source: str
    source_sha256: str

    def of_split(self, split: str) -> tuple[Item, ...]:
        """Returns the items of `"train"` or `"test"`."""
        return tuple(item for item in self.items if item.split == split)
