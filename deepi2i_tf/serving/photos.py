"""Finds the photos that a user wants translated."""

import os

from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.picture_files import (
    is_named_like_a_picture,
    is_of_another_kind,
    is_picture,
    is_system_entry,
    tell_passed_over,
)


def list_photos(path: str) -> list[str]:
    """The photos that a path stands for; tells which files are none.

    Args:
        path: a photo, or a folder of photos (its own, not those of folders
            within it).

    Returns:
        Paths, sorted by name; at least one.

    Raises:
        UserError: there is no such path, or no photo in the folder.
    """
    if not os.path.exists(path):
        raise UserError(
            "Expected --input to be a photo or a folder of photos. "
            f"Received: {path}, which does not exist. Check the path."
        )
    if not os.path.isdir(path):
        return [path]
    names = [n for n in sorted(os.listdir(path)) if not is_system_entry(n)]
    folders = [n for n in names if os.path.isdir(os.path.join(path, n))]
    files = [name for name in names if name not in folders]
    photos = [name for name in files if _is_photo(path, name)]
    tell_passed_over(path, [name for name in files if name not in photos])
    if photos:
        return [os.path.join(path, name) for name in photos]
    if folders:
        found = f"only folders ({', '.join(folders[:3])})"
        fix = f"Use for example --input={os.path.join(path, folders[0])}."
    else:
        found = f"{len(files)} other files" if files else "an empty folder"
        fix = "Use a folder with .jpg, .png, .webp files or their like."
    raise UserError(f"Expected photos in {path}. Received: {found}. {fix}")


def _is_photo(folder: str, name: str) -> bool:
    if is_named_like_a_picture(name) or is_of_another_kind(name):
        return is_named_like_a_picture(name)
    return is_picture(os.path.join(folder, name))
