"""Translates a user's photos with an exported model, onto a sheet or to files.

Everything that may be refused (model, classes, photos, output) is looked at
before the first picture is translated, so a refusal leaves nothing half done.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.data import photo_files
from deepi2i_tf.serving import photos, picture_rows
from deepi2i_tf.serving.picture_rows import Frame, Row
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError
from deepi2i_tf.utils import image_geometry, image_grid
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from deepi2i_tf.utils.names import distinct_names, printable_path

# A sheet is drawn in memory, three bytes for each pixel.
MAX_SHEET_PIXELS = 100_000_000


def translate_photos(options: TranslateOptions) -> int:
    """Translates photos and writes a labelled sheet or single files.

    Returns:
        The number of pictures made.

    Raises:
        UserError: see the module.
    """
    translator = load_translator(options.model)
    made = plan_rows(translator, options)
    paths = photos.list_photos(options.input)
    files = file_names(options.output, paths, made)
    check_output(options.output, files, paths, options.overwrite)
    if is_sheet(options.output):
        rows, columns = len(paths) * len(made), 1 + len(made[0].frames)
        check_sheet_size(rows * columns, translator.resolution)
    fit = Fit(translator.fit, translator.pad_color)
    sources = photo_files.read_photos(paths, translator.resolution, fit)
    pictures = _translated(translator, sources, made)
    try:
        if is_sheet(options.output):
            _write_sheet(options.output, paths, sources, made, list(pictures))
        else:
            for path, picture in zip(files, pictures, strict=True):
                image_grid.save_png(picture, path)
    except OSError as error:
        raise UserError(
            f"Expected to write to {options.output}. Received: {error}. "
            "Make room or choose another --output."
        ) from error
    return len(paths) * len(made) * len(made[0].frames)


def load_translator(model: str) -> LoadedTranslator:
    """An exported model; what is wrong with it is a `UserError`."""
    try:
        return LoadedTranslator(model)
    except ModelError as error:
        raise UserError(f"--model: {error}") from error


def plan_rows(
    translator: LoadedTranslator, options: TranslateOptions
) -> list[Row]:
    """The rows of pictures that the flags ask for.

    Raises:
        UserError: they ask for several z of a model that has none.
    """
    several = options.num_samples > 1 or options.interpolate == "z"
    if several and not translator.dim_z:
        raise UserError(
            "Expected --num_samples=1 and no --interpolate=z for a model that "
            "has no z, and one translation of a photo into a class. Received: "
            f"num_samples={options.num_samples}, "
            f"interpolate={options.interpolate}. Leave them out."
        )
    targets = picture_rows.parse_targets(options.target, translator)
    samples = translator, targets, options.num_samples, options.seed
    if options.interpolate == "none":
        return picture_rows.samples(*samples)
    interpolate = {
        "classes": picture_rows.class_interpolation,
        "z": picture_rows.latent_interpolation,
    }[options.interpolate]
    return interpolate(*samples, options.interpolation_steps)


def _translated(
    translator: LoadedTranslator,
    sources: np.ndarray,
    made: Sequence[Row],
) -> Iterator[np.ndarray]:
    """Yields uint8 (R, R, 3): photo by photo, row by row."""
    jobs = [
        (source, frame)
        for source in range(len(sources))
        for row in made
        for frame in row.frames
    ]
    started = message = time.monotonic()
    for start in range(0, len(jobs), translator.batch_size):
        batch = jobs[start : start + translator.batch_size]
        images = np.stack([sources[source] for source, _ in batch])
        translated = translate_frames(
            translator,
            image_geometry.to_signed(images),
            [frame for _, frame in batch],
        )
        yield from image_geometry.to_uint8(translated)
        done, now = start + len(batch), time.monotonic()
        if now - message > 2.0 or done == len(jobs):
            print(
                f"translated {done} of {len(jobs)} pictures, "
                f"{now - started:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            message = now


def translate_frames(
    translator: LoadedTranslator,
    images: np.ndarray,
    frames: Sequence[Frame],
) -> np.ndarray:
    """One picture for each image and its frame.

    Args:
        translator: the model.
        images: float32, (batch, R, R, 3), in [-1, 1].
        frames: as many.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """
    first = [frame.first for frame in frames]
    second = [frame.second for frame in frames]
    z = np.stack([frame.z for frame in frames])
    if first == second:
        return translator.translate(images, first, z)
    amount = [frame.amount for frame in frames]
    return translator.translate_mix(images, first, second, amount, z)


def _write_sheet(
    output: str,
    paths: Sequence[str],
    sources: np.ndarray,
    made: Sequence[Row],
    pictures: list[np.ndarray],
) -> None:
    width = len(made[0].frames)
    rows, labels = [], []
    for path, source in zip(paths, sources, strict=True):
        for row in made:
            start = len(rows) * width
            rows.append([source, *pictures[start : start + width]])
            name = printable_path(os.path.basename(path))
            labels.append(f"{name}\n{row.label}".strip())
    columns = ["source"] + [frame.column for frame in made[0].frames]
    image_grid.save_png(image_grid.draw_sheet(rows, labels, columns), output)


def is_sheet(output: str) -> bool:
    """Whether an output is one sheet, not a folder of single files."""
    return output.lower().endswith(".png")


def file_names(
    output: str, photos: Sequence[str], rows: Sequence[Row]
) -> list[str]:
    """The files that a job writes.

    Returns:
        The sheet, or `<photo>--<suffix>.png` for every picture, photo by
        photo and row by row.
    """
    if is_sheet(output):
        return [output]
    stems = distinct_names(
        f"{word}--{frame.suffix}"
        for word in _photo_words(photos)
        for row in rows
        for frame in row.frames
    )
    return [os.path.join(output, f"{stem}.png") for stem in stems]


def _photo_words(photos: Sequence[str]) -> list[str]:
    """Names of photos without their endings, where that tells them apart."""
    names = [os.path.basename(path) for path in photos]
    stems = [os.path.splitext(name)[0] for name in names]
    # Those of cat.jpg and cat.png are one; that of cat.jpg.png is a name.
    counts = Counter([*stems, *names])
    words = [
        stem if counts[stem] == 1 + (stem == name) else name
        for stem, name in zip(stems, names, strict=True)
    ]
    return distinct_names(words, most=100)


def check_output(
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


def check_sheet_size(num_pictures: int, resolution: int) -> None:
    """Refuses a sheet that would not fit into memory.

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
