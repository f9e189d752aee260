"""Flagfiles: files of flags, which stand where `--flagfile=FILE` stands.

A flagfile holds one `--name=value` per line, unquoted; `#` or `//` opens a
comment at column 0 only. Of a flag that is given twice the last value counts,
so flags behind `--flagfile` override it. A relative path is one from the
working folder, in a flagfile too; `flags/NAME.cfg` that is not there is taken
from the experiments of this project, which an installed package brings along.
"""

import codecs
import io
import pathlib
import sys
from collections.abc import Sequence

from deepi2i_tf.utils.errors import WrongFlags

_FOLDER = "flags"
_PACKAGE = pathlib.Path(__file__).parents[1]
# In an installed package, and in a clone.
_OWN = (_PACKAGE / _FOLDER, _PACKAGE.parent / _FOLDER)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def expand(arguments: Sequence[str]) -> list[str]:
    """A command line with the lines of its flagfiles in their places.

    Raises:
        WrongFlags: a flagfile cannot be read or names itself.
    """
    return _expanded(arguments, ())


def _expanded(
    arguments: Sequence[str], within: tuple[pathlib.Path, ...]
) -> list[str]:
    """As `expand`; `within` are the flagfiles that the arguments stand in."""
    made: list[str] = []
    left = iter(arguments)
    for argument in left:
        flag, equals, name = argument.partition("=")
        if flag not in ("--flagfile", "-flagfile"):
            made.append(argument)
            continue
        path = _find(name if equals else next(left, ""))
        if path in within:
            raise WrongFlags(
                f"Expected flagfiles that end. Received: {path}, which leads "
                "to itself. Take its --flagfile out."
            )
        made += _expanded(_read_lines(path), (*within, path))
    return made


def _find(name: str) -> pathlib.Path:
    if not name.strip():
        raise WrongFlags(
            "Expected --flagfile to name a file. Received: nothing. Write "
            "--flagfile=FILE."
        )
    path = pathlib.Path(name.strip()).expanduser()
    if path.exists() or path.parts != (_FOLDER, path.name):
        return path
    for folder in _OWN:
        own = folder / path.name
        if own.is_file():
            print(f"{name} is not here; it is {own}.", file=sys.stderr)
            return own
    return path


def _read_lines(path: pathlib.Path) -> list[str]:
    """The flags in a file, without comments and empty lines."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongFlags(
            f"Expected to read the flagfile {path}. Received: "
            f"{error.strerror}. {_advice(path)}"
        ) from error
    if content.startswith(_UTF_16) or b"\0" in content:
        raise _no_utf_8(path, "UTF-16, or no text")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        raise _no_utf_8(path, f"other bytes in line {number}") from error
    lines = [line.strip() for line in io.StringIO(text, newline=None)]
    return [line for line in lines if line and not line.startswith(("#", "//"))]


def _no_utf_8(path: pathlib.Path, found: str) -> WrongFlags:
    return WrongFlags(
        f"Expected the flagfile {path} in UTF-8. Received: {found}. Save it "
        "as UTF-8."
    )


def _advice(path: pathlib.Path) -> str:
    """What to do about a flagfile that cannot be read."""
    if path.exists():
        return "Name a file of flags, and see to its permissions."
    names = sorted(
        {
            f"{_FOLDER}/{own.name}"
            for place in _OWN
            for own in place.glob("*.cfg")
        }
    )
    return f"Correct the path; the project's own are {', '.join(names)}."
