"""Which classes a BigGAN HDF5 has: numbers, named by a file if there is one."""

import pathlib

import numpy as np

from data_prep.biggan_hdf5.hdf5_file import FileContent
from data_prep.pictures.class_names import tell_apart
from data_prep.pictures.raw_files import read_rows
from deepi2i_tf.utils.errors import UserError

_MAKE_AGAIN = "Make it again with make_hdf5.py from a folder per class"


def class_names_of(content: FileContent, names_file: str) -> dict[str, str]:
    """Returns the name of every class by its number.

    Args:
        content: of the HDF5 file.
        names_file: a name per line, that of label 0 first; `""` names the
            classes by their numbers.

    Returns:
        By number with leading zeros, so that numbers sort as strings.

    Raises:
        UserError: the labels are not 0, 1, 2, ... with pictures each, or the
            file has another number of names.
    """
    count = _count_classes(content)
    width = max(3, len(str(count - 1)))
    keys = [f"{number:0{width}d}" for number in range(count)]
    if not names_file:
        return {key: key for key in keys}
    path = pathlib.Path(names_file).expanduser()
    names = [name for (name,) in read_rows(path, "(.+)", "<name>")]
    if len(names) != count:
        raise UserError(
            f"Expected a name for each of the {count} classes of "
            f"{content.path} in {path}. Received: {len(names)} names. Give "
            "one name per line, that of label 0 first."
        )
    return tell_apart(dict(zip(keys, names, strict=True)))


def _count_classes(content: FileContent) -> int:
    present = np.unique(content.labels)
    if len(present) and present[0] < 0:
        raise UserError(
            f"Expected labels from 0 on in {content.path}. Received: "
            f"{present[0]}. {_MAKE_AGAIN}."
        )
    if len(present) < 2:
        message = f"only {present[0]}" if len(present) else "no pictures at all"
        raise UserError(
            f"Expected at least two classes in {content.path}. Received: "
            f"{message}. {_MAKE_AGAIN}."
        )
    count = int(present[-1]) + 1
    if len(present) < count:
        raise UserError(
            f"Expected pictures of every class from 0 to {count - 1} in "
            f"{content.path}. Received: none of {_told_gaps(present)}. "
            f"{_MAKE_AGAIN}."
        )
    return count


def _told_gaps(present: np.ndarray) -> str:
    """Names the first few numbers that are missing."""
    gaps = []
    expected = 0
    for number in present.tolist():
        gaps.extend(range(expected, min(number, expected + 6)))
        expected = number + 1
        if len(gaps) > 5:
            break
    missing = int(present[-1]) + 1 - len(present)
    more = f" and {missing - 5} more" if missing > 5 else ""
    return ", ".join(map(str, gaps[:5])) + more
