"""Files of fonts below a folder, and the faces in them."""

import errno
import os
import pathlib
import stat
import sys
from collections.abc import Callable, Iterator, Sequence

from PIL import ImageFont

from data_prep.glyphs.drawing import FontFace
from deepi2i_tf.utils.names import printable_path

ENDINGS = (".ttf", ".otf", ".ttc", ".woff2")
# A file with more is no typeface, and takes a day.
MOST_FACES = 256
_LINK_FAULTS = {
    errno.ENOENT: "a link that leads nowhere",
    errno.ELOOP: "a link that leads in a circle",
}
_ON_MAC = ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts")
_ON_LINUX = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
)

# (name, reason) of what cannot be used.
Refused = list[tuple[str, str]]


def machine_folders() -> list[pathlib.Path]:
    """Where this machine keeps fonts, of the usual places those there are."""
    usual = _ON_MAC if sys.platform == "darwin" else _ON_LINUX
    if sys.platform == "win32":
        usual = (
            os.path.join(os.environ.get("WINDIR", "C:\\Windows"), "Fonts"),
        )
    folders = [pathlib.Path(folder).expanduser() for folder in usual]
    return [folder for folder in folders if folder.is_dir()]


def find_font_files(
    roots: Sequence[pathlib.Path],
) -> tuple[dict[str, pathlib.Path], Refused]:
    """Returns files by their path below a root, and what is of no use.

    Links are followed; a file or folder that several lead to counts once, so
    that links in a circle end.
    """
    files: dict[str, pathlib.Path] = {}
    refused: Refused = []
    seen: set[str] = set()
    for root in roots:

        def unreadable(error: OSError, root: pathlib.Path = root) -> None:
            name = os.path.relpath(error.filename, root)
            refused.append((printable_path(name), error.strerror))

        for path in _walk(root, seen, unreadable):
            name = printable_path(path.relative_to(root).as_posix())
            try:
                regular = stat.S_ISREG(path.stat().st_mode)
            except OSError as error:
                reason = _LINK_FAULTS.get(error.errno, error.strerror)
                refused.append((name, reason))
                continue
            real = os.path.realpath(path)
            if not regular:
                refused.append((name, "not a regular file"))
            elif real not in seen:
                seen.add(real)
                files.setdefault(name, path)
    return files, refused


def _walk(
    root: pathlib.Path, seen: set[str], on_error: Callable[[OSError], None]
) -> Iterator[pathlib.Path]:
    """Yields what is called like a font, in the order of the names."""
    walk = os.walk(root, onerror=on_error, followlinks=True)
    for folder, folders, names in walk:
        real = os.path.realpath(folder)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(ENDINGS):
                yield pathlib.Path(folder, name)


def faces_of(path: pathlib.Path) -> Iterator[FontFace]:
    """Yields the faces of a file: of a variable font its named instances.

    Raises:
        OSError: it cannot be read as a font; the message is FreeType's.
    """
    for index in range(MOST_FACES):
        try:
            font = FontFace(path, index).open()
        except OSError:
            if index:
                return  # That was the last one.
            raise
        for instance in _instances(font) or [b""]:
            yield FontFace(path, index, instance)


def _instances(font: ImageFont.FreeTypeFont) -> list[bytes]:
    try:
        return font.get_variation_names()[:MOST_FACES]
    except OSError:
        return []  # Not variable.
