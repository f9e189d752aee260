"""Where translated photos go, and what must not be written over."""

import os
from collections.abc import Sequence

from deepi2i_tf.serving.tracks import Track
from deepi2i_tf.utils import image_grid
from deepi2i_tf.utils.errors import UserError

# A sheet is drawn in memory, three bytes for each pixel.
MAX_SHEET_PIXELS = 100_000_000


def is_sheet(output: str) -> bool:
    """Whether an output is one sheet, not a folder of single files."""
    return output.lower().endswith(".png")


def file_names(
    output: str, photos: Sequence[str], tracks: Sequence[Track]
) -> list[str]:
    """The files that a job writes.

    Args:
        output: a `.png` file, or a folder.
        photos: paths of the photos.
        tracks: what becomes of each photo.

    Returns:
        The sheet, or `<photo>--<suffix>.png` for every picture, photo by
        photo and track by track.
    """
    if is_sheet(output):
        return [output]
    names = [os.path.basename(path) for path in photos]
    stems = [os.path.splitext(name)[0] for name in names]
    # Photos of one stem (cat.jpg, cat.png) keep their extensions.
    words = [
        stem if stems.count(stem) == 1 else name
        for stem, name in zip(stems, names, strict=True)
    ]
    return [
        os.path.join(output, f"{word}--{frame.suffix}.png")
        for word in words
        for track in tracks
        for frame in track.frames
    ]


def check(
    output: str, files: Sequence[str], photos: Sequence[str], overwrite: bool
) -> None:
    """Refuses an output that would replace something.

    Args:
        output: a `.png` file, or a folder.
        files: the files that will be written.
        photos: the photos, which are never replaced.
        overwrite: whether other files may be.

    Raises:
        UserError: the output is in use or of the wrong kind.
    """
    if os.path.lexists(output) and os.path.isdir(output) == is_sheet(output):
        what = "a folder" if is_sheet(output) else "a file"
        raise UserError(
            "Expected --output to be a .png file for a sheet, or a folder "
            f"for single files. Received: {output}, which is {what}. "
            "Choose another."
        )
    existing = [path for path in files if os.path.lexists(path)]
    sources = {os.path.realpath(path) for path in photos}
    if any(os.path.realpath(path) in sources for path in existing):
        raise UserError(
            "Expected --output to leave the photos alone. Received: "
            f"{output}, which would replace one. Choose another."
        )
    if existing and not overwrite:
        raise UserError(
            f"Expected --output to be new. Received: {existing[0]}, which "
            "exists. Choose another or add --overwrite."
        )


def check_sheet(num_pictures: int, resolution: int) -> None:
    """Refuses a sheet that would not fit into memory.

    Args:
        num_pictures: pictures on the sheet, sources included.
        resolution: their side, in pixels.

    Raises:
        UserError: there are too many.
    """
    limit = MAX_SHEET_PIXELS // image_grid.cell_side(resolution) ** 2
    if num_pictures > limit:
        raise UserError(
            f"Expected a sheet of at most {limit} pictures of {resolution} "
            f"pixels. Received: {num_pictures}. Translate fewer, or give a "
            "folder as --output."
        )
