"""`--class_map`: a file that says whose class row each class starts from."""

from collections.abc import Sequence
from pathlib import Path

from deepi2i_tf.utils.errors import UserError

_SHOWN = 5


def read_class_map(
    path: str, ours: Sequence[str], theirs: Sequence[str]
) -> dict[str, str]:
    """Reads lines `our class<TAB>their class`; a comma will do for the tab.

    Args:
        path: the file; it may leave classes out.
        ours: class names of this run.
        theirs: class names of the run that it starts from.

    Returns:
        Their name for each of our names that the file has.

    Raises:
        UserError: the file cannot be read, a line is no pair, a class is given
            twice, or there is no class of that name.
    """
    lines = _read_lines(path)
    named: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        pair = line.split("\t" if "\t" in line else ",")
        pair = [name.strip() for name in pair]
        if len(pair) != 2 or pair[0] in named:
            fault = "a class again" if len(pair) == 2 else "no pair"
            raise UserError(
                f"Expected each line of {path} to be our class, a tab or "
                f"comma, and their class. Received: {fault} in line {number}, "
                f"{line!r}. Correct it."
            )
        named[pair[0]] = pair[1]
    _require_known(path, "of this run", named.keys(), ours)
    _require_known(path, "of --init_from", named.values(), theirs)
    return named


def _read_lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            "Expected --class_map to be a text file. Received: "
            f"{path} ({error}). Give one with a line per class."
        ) from error


def _require_known(path, whose, names, known) -> None:
    unknown = sorted(set(names) - set(known))
    if unknown:
        more = " ..." if len(unknown) > _SHOWN else ""
        raise UserError(
            f"Expected {path} to name classes {whose}, such as {known[0]}. "
            f"Received: {len(unknown)} others: "
            f"{', '.join(unknown[:_SHOWN])}{more}. Correct them."
        )
