"""What is in a folder, with links followed and what is no file set apart."""

import dataclasses
import errno
import os
import pathlib
import stat

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.picture_files import (
    is_of_another_kind,
    is_system_entry,
)

_LINK_FAULTS = {
    errno.ENOENT: "a link that leads nowhere",
    errno.ELOOP: "a link that leads in a circle",
}


@dataclasses.dataclass
class FolderContent:
    """Entries of one folder in the order of their names, links followed.

    Args:
        folders: real ones, and those that a link leads to.
        files: sizes of the regular files.
        others: names of files whose ending says that they are no pictures.
        refused: reasons why the others are of no use.
    """

    folders: list[pathlib.Path] = dataclasses.field(default_factory=list)
    files: dict[pathlib.Path, int] = dataclasses.field(default_factory=dict)
    others: list[str] = dataclasses.field(default_factory=list)
    refused: dict[pathlib.Path, str] = dataclasses.field(default_factory=dict)


def _names(folder: pathlib.Path) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise UserError(
            f"Expected to read the folder {folder}. Received: "
            f"{error.strerror}. See to its permissions, or move it away."
        ) from None
    return [name for name in names if not is_system_entry(name)]


def read_folder(folder: pathlib.Path) -> FolderContent:
    """Returns the entries of a folder, but for those of the system.

    Nothing is opened, so a FIFO cannot block. A link to a folder that it
    stands in is refused: following it would never end.

    Raises:
        UserError: the folder itself cannot be read.
    """
    content = FolderContent()
    real = pathlib.Path(os.path.realpath(folder))
    above = {os.path.realpath(path) for path in (folder, *folder.parents)}
    above.update(map(str, real.parents))
    for path in map(folder.joinpath, _names(folder)):
        try:
            status = path.stat()
        except OSError as error:
            reason = _LINK_FAULTS.get(error.errno, error.strerror)
            content.refused[path] = reason
            continue
        if stat.S_ISREG(status.st_mode) and is_of_another_kind(path.name):
            content.others.append(path.name)
        elif stat.S_ISREG(status.st_mode):
            content.files[path] = status.st_size
        elif not stat.S_ISDIR(status.st_mode):
            content.refused[path] = "not a regular file"
        elif path.is_symlink() and os.path.realpath(path) in above:
            content.refused[path] = "a link to a folder that it stands in"
        else:
            content.folders.append(path)
    return content
