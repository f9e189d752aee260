"""Translates a user's photos with an exported model, onto a sheet or to files.

Everything that may be refused (model, classes, photos, output) is looked at
before the first picture is translated, so a refusal leaves nothing half done.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np

from deepi2i_tf import sheet
from deepi2i_tf.errors import Refusal
from deepi2i_tf.serving import photos, tracks
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError

# A sheet is drawn in memory, three bytes for each pixel.
MAX_SHEET_PIXELS = 100_000_000


def translate_photos(
    model: str,
    input_path: str,
    target: str,
    output: str,
    num_samples: int = 1,
    seed: int = 0,
    interpolate: str = "none",
    interpolation_steps: int = 7,
    overwrite: bool = False,
) -> int:
    """Translates photos and writes a labelled sheet or single files.

    Args:
        model: folder of an exported model.
        input_path: a photo, or a folder of photos.
        target: class names with commas between them, or `"all"`.
        output: a `.png` file for a sheet, rows of photos and columns of
            targets; anything else is a folder for `<photo>--<class>.png`.
        num_samples: pictures of each photo and class, each with another z.
        seed: seed of the first z; the next ones follow.
        interpolate: `"none"`, `"classes"` or `"z"`.
        interpolation_steps: pictures of a walk, both ends counted.
        overwrite: replace files that exist.

    Returns:
        The number of pictures made.

    Raises:
        Refusal: see the module.
    """
    translator = _load(model)
    made = _plan(
        translator,
        tracks.parse_targets(target, translator),
        num_samples,
        seed,
        interpolate,
        interpolation_steps,
    )
    paths = photos.list_photos(input_path)
    to_sheet = output.lower().endswith(".png")
    files = [output] if to_sheet else _file_names(output, paths, made)
    _check_output(output, files, paths, to_sheet, overwrite)
    if to_sheet:
        _check_sheet(len(paths) * len(made), made, translator.resolution)
    sources = photos.read_photos(paths, translator.resolution)
    pictures = _translated(translator, sources, made)
    try:
        if to_sheet:
            _write_sheet(output, paths, sources, made, list(pictures))
        else:
            for path, picture in zip(files, pictures, strict=True):
                sheet.save_png(picture, path)
    except OSError as error:
        raise Refusal(
            f"Expected to write to {output}. Received: {error}. "
            "Make room or choose another --output."
        ) from error
    return len(paths) * len(made) * len(made[0].frames)


def _load(model: str) -> LoadedTranslator:
    try:
        return LoadedTranslator(model)
    except ModelError as error:
        raise Refusal(f"--model: {error}") from error


def _plan(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
    interpolate: str,
    steps: int,
) -> list[tracks.Track]:
    if interpolate == "none":
        return tracks.sample_tracks(translator, targets, num_samples, seed)
    walks = {"classes": tracks.class_walks, "z": tracks.z_walks}[interpolate]
    return walks(translator, targets, num_samples, seed, steps)


def _translated(
    translator: LoadedTranslator,
    sources: np.ndarray,
    made: Sequence[tracks.Track],
) -> Iterator[np.ndarray]:
    """Yields uint8 (R, R, 3): photo by photo, track by track."""
    jobs = [
        (source, frame)
        for source in range(len(sources))
        for track in made
        for frame in track.frames
    ]
    started = told = time.monotonic()
    for start in range(0, len(jobs), translator.batch_size):
        batch = jobs[start : start + translator.batch_size]
        images = np.stack([sources[source] for source, _ in batch])
        translated = _translate(
            translator,
            images.astype(np.float32) / 127.5 - 1.0,
            [frame for _, frame in batch],
        )
        yield from sheet.to_uint8(translated)
        done, now = start + len(batch), time.monotonic()
        if now - told > 2.0 or done == len(jobs):
            print(
                f"translated {done} of {len(jobs)} pictures, "
                f"{now - started:.0f} s",
                file=sys.stderr,
                flush=True,
            )
            told = now


def _translate(
    translator: LoadedTranslator,
    images: np.ndarray,
    frames: Sequence[tracks.Frame],
) -> np.ndarray:
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
    made: Sequence[tracks.Track],
    pictures: list[np.ndarray],
) -> None:
    width = len(made[0].frames)
    rows, labels = [], []
    for path, source in zip(paths, sources, strict=True):
        for track in made:
            start = len(rows) * width
            rows.append([source, *pictures[start : start + width]])
            labels.append(f"{os.path.basename(path)}\n{track.label}".strip())
    columns = ["source"] + [frame.column for frame in made[0].frames]
    sheet.save_png(sheet.draw_sheet(rows, labels, columns), output)


def _file_names(
    output: str, paths: Sequence[str], made: Sequence[tracks.Track]
) -> list[str]:
    """A path for every picture, in the order of `_translated`."""
    names = [os.path.basename(path) for path in paths]
    stems = [os.path.splitext(name)[0] for name in names]
    # Two photos of one stem (cat.jpg, cat.png) keep their extensions.
    words = [
        stem if stems.count(stem) == 1 else name
        for stem, name in zip(stems, names, strict=True)
    ]
    return [
        os.path.join(output, f"{word}--{frame.suffix}.png")
        for word in words
        for track in made
        for frame in track.frames
    ]


def _check_output(
    output: str,
    files: Sequence[str],
    inputs: Sequence[str],
    to_sheet: bool,
    overwrite: bool,
) -> None:
    if os.path.lexists(output) and os.path.isdir(output) == to_sheet:
        what = "a folder" if to_sheet else "a file"
        raise Refusal(
            "Expected --output to be a .png file for a sheet, or a folder "
            f"for single files. Received: {output}, which is {what}. "
            "Choose another."
        )
    existing = [path for path in files if os.path.lexists(path)]
    sources = {os.path.realpath(path) for path in inputs}
    if any(os.path.realpath(path) in sources for path in existing):
        raise Refusal(
            "Expected --output to leave the photos alone. Received: "
            f"{output}, which would replace one. Choose another."
        )
    if existing and not overwrite:
        raise Refusal(
            f"Expected --output to be new. Received: {existing[0]}, which "
            "exists. Choose another or add --overwrite."
        )


def _check_sheet(
    rows: int, made: Sequence[tracks.Track], resolution: int
) -> None:
    cells = rows * (len(made[0].frames) + 1)
    limit = MAX_SHEET_PIXELS // sheet.cell_side(resolution) ** 2
    if cells > limit:
        raise Refusal(
            f"Expected a sheet of at most {limit} pictures of {resolution} "
            f"pixels. Received: {cells}. Translate fewer, or give a folder "
            "as --output."
        )
