"""Names of files and classes: one of several Unicode forms, or no text.

An accented letter is one code point or two (NFC, NFD): macOS and Linux, a
keyboard and a script write different ones, which look the same. And on Linux
a file name is any bytes; Python holds what is not UTF-8 as lone surrogates,
which no file in UTF-8 can.
"""

import os
import unicodedata
from collections.abc import Iterable

from deepi2i_tf.utils.errors import UserError


def composed(name: str) -> str:
    """A name in the form NFC, in which names are compared."""
    return unicodedata.normalize("NFC", name)


def find_name(name: str, names: Iterable[str]) -> str | None:
    """The one of some names that is this one in any form, or None."""
    names = tuple(names)
    if name in names:
        return name
    form = composed(name)
    return next((each for each in names if composed(each) == form), None)


def class_folders(
    names: Iterable[str], place: str | os.PathLike
) -> dict[str, str]:
    """Names of class folders by the names of their classes, sorted by these.

    Raises:
        UserError: two folders have one name in two forms, or a name is no
            UTF-8.
    """
    found: dict[str, str] = {}
    for name in names:
        require_text(name)
        other = found.setdefault(composed(name), name)
        if other != name:
            raise UserError(
                f"Expected a folder for each class in {place}. Received: "
                f"{ascii(other)} and {ascii(name)}, which are one name in two "
                "Unicode forms. Move the pictures of one into the other."
            )
    return dict(sorted(found.items()))


def require_text(path: str) -> None:
    """Raises `UserError` for a path that is no UTF-8.

    TensorFlow takes no other, and no class can be named so.
    """
    if printable_path(path) != path:
        raise UserError(
            "Expected a name in UTF-8. Received: "
            f"{printable_path(path)}. Rename the file or folder."
        )


def printable_path(path: str | os.PathLike) -> str:
    r"""A path as text that any file in UTF-8 can hold.

    Example:
        >>> printable_path("caf\udce9")
        'caf\\xe9'
    """
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def shortened(name: str, most: int) -> str:
    """The beginning of a name, of at most so many bytes and whole letters."""
    encoded = os.fsencode(name)
    if len(encoded) <= most:
        return name
    return encoded[:most].decode("utf-8", "ignore")


def distinct_names(words: Iterable[str], most: int = 200) -> list[str]:
    """Names of files, of which no file system takes two for one.

    Cut to `most` bytes (255 is the limit of most file systems, and a file is
    written under a longer name); then `-2`, `-3` and so on are added to those
    that another has in any case of letters and Unicode form.

    Example:
        >>> distinct_names(["cat", "Cat", "dog"])
        ['cat', 'Cat-2', 'dog']
    """
    taken: set[str] = set()
    names = []
    for word in words:
        word = name = shortened(word, most)
        number = 1
        while (form := composed(name).casefold()) in taken:
            number += 1
            name = f"{word}-{number}"
        taken.add(form)
        names.append(name)
    return names
