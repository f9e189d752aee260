"""Names of classes that are unique and can be listed with commas between.

`translate` splits `--target=panda,tiger` at commas, and a name is a line of
TFDS's label file; raw data sets have names that are neither.
"""

from collections import Counter
from collections.abc import Mapping

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import composed


def _clean(name: str) -> str:
    kept = (c if c.isprintable() and c != "," else " " for c in composed(name))
    return " ".join("".join(kept).split())


def tell_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Returns names without commas and control characters, each only once.

    A name that several classes share gets the class's raw id behind it.

    Args:
        names: by the raw data's id of the class.

    Example:
        >>> tell_apart({"40": "omelet", "67": "omelet", "185": "a, b"})
        {'40': 'omelet (40)', '67': 'omelet (67)', '185': 'a b'}
    """
    message = {key: _clean(name) or key for key, name in names.items()}
    while len(set(message.values())) < len(message):
        counts = Counter(message.values())
        message = {
            key: f"{name} ({key})" if counts[name] > 1 else name
            for key, name in message.items()
        }
    return message


def in_label_order(names: Mapping[str, str], class_order: str) -> list[str]:
    """Returns the raw ids of the classes, the one of label 0 first.

    Args:
        names: by the raw data's id of the class, which is its folder's name.
        class_order: `"name"`, or `"upstream"` for the order of the folders as
            strings, which the original pipeline used.
    """
    if class_order == "upstream":
        return sorted(names)
    return sorted(names, key=names.__getitem__)


def check_classes(
    names: Mapping[str, str], counts: Counter, least: int
) -> None:
    """Checks that every class can be learnt and tested.

    Args:
        names: by the raw data's id of the class.
        counts: of files that are there, by (raw id, split).
        least: files that every class must have.

    Raises:
        UserError: fewer than two classes, or a class with too few files in all
            or none in a split.
    """
    if len(names) < 2:
        raise UserError(
            f"Expected at least two classes. Received: "
            f"{', '.join(names.values()) or 'none'}. Give a folder with more."
        )
    lacking = []
    for key, name in names.items():
        train, test = counts[key, "train"], counts[key, "test"]
        if train + test < least or not train or not test:
            lacking.append(f"{name} ({train} + {test})")
    if lacking:
        more = f" and {len(lacking) - 5} more" if len(lacking) > 5 else ""
        raise UserError(
            f"Expected at least {least} images of every class "
            "(--min_images_per_class), some for training and some for "
            f"testing. Received: {', '.join(lacking[:5])}{more}. Add images, "
            "or remove the class from the raw data."
        )
