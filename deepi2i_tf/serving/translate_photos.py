"""Translates a user's photos with an exported model, onto a sheet or to files.

Everything that may be refused (model, classes, photos, output) is looked at
before the first picture is translated, so a refusal leaves nothing half done.
"""

import os
import sys
import time
from collections.abc import Iterator, Sequence

import numpy as np

from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.serving import photo_output, photos, tracks
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError
from deepi2i_tf.utils import image_geometry, image_grid
from deepi2i_tf.utils.errors import UserError


def translate_photos(options: TranslateOptions) -> int:
    """Translates photos and writes a labelled sheet or single files.

    Returns:
        The number of pictures made.

    Raises:
        UserError: see the module.
    """
    translator = _load(options.model)
    made = _plan(translator, options)
    paths = photos.list_photos(options.input)
    files = photo_output.file_names(options.output, paths, made)
    photo_output.check(options.output, files, paths, options.overwrite)
    if photo_output.is_sheet(options.output):
        rows, columns = len(paths) * len(made), 1 + len(made[0].frames)
        photo_output.check_sheet(rows * columns, translator.resolution)
    sources = photos.read_photos(paths, translator.resolution)
    pictures = _translated(translator, sources, made)
    try:
        if photo_output.is_sheet(options.output):
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


def _load(model: str) -> LoadedTranslator:
    try:
        return LoadedTranslator(model)
    except ModelError as error:
        raise UserError(f"--model: {error}") from error


def _plan(
    translator: LoadedTranslator, options: TranslateOptions
) -> list[tracks.Track]:
    targets = tracks.parse_targets(options.target, translator)
    samples = translator, targets, options.num_samples, options.seed
    if options.interpolate == "none":
        return tracks.sample_tracks(*samples)
    walks = {"classes": tracks.class_walks, "z": tracks.z_walks}
    return walks[options.interpolate](*samples, options.interpolation_steps)


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
    started = message = time.monotonic()
    for start in range(0, len(jobs), translator.batch_size):
        batch = jobs[start : start + translator.batch_size]
        images = np.stack([sources[source] for source, _ in batch])
        translated = _translate(
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
    image_grid.save_png(image_grid.draw_sheet(rows, labels, columns), output)
