"""What becomes of each photo: samples of every class, or walks between two.

A track is one row of pictures made from one photo; tracks know nothing of
photos, so every photo of a run gets the same classes and the same z.
"""

import dataclasses
import re
from collections.abc import Sequence

import numpy as np

from deepi2i_tf.serving.translator import (
    LoadedTranslator,
    ModelError,
    interpolate_z,
)
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture to make from a photo.

    Args:
        first: class number.
        second: the class that `amount` leads to; `first` in a pure frame.
        amount: 0 for the first class, 1 for the second.
        z: float32, (dim_z,).
        column: label above the picture.
        suffix: end of the picture's file name.
    """

    first: int
    second: int
    amount: float
    z: np.ndarray
    column: str
    suffix: str


@dataclasses.dataclass(frozen=True)
class Track:
    """Frames side by side, and what tells them from the photo's other ones.

    Args:
        label: what is said beside the photo's name; may be empty.
        frames: the pictures from left to right.
    """

    label: str
    frames: tuple[Frame, ...]


def parse_targets(text: str, translator: LoadedTranslator) -> list[int]:
    """Class numbers of `--target`.

    Args:
        text: `"all"`, one class name, or names with commas between them.
        translator: knows the names.

    Returns:
        Class numbers in the order of the text.

    Raises:
        UserError: a name is unknown, stands twice, or there is none.
    """
    names = translator.class_names
    if text in names:  # also a name with a comma in it
        return [names.index(text)]
    if text.strip() == "all":
        return list(range(len(names)))
    requested = [name.strip() for name in text.split(",") if name.strip()]
    if not requested or len(set(requested)) < len(requested):
        raise UserError(
            "Expected --target to be all, or different class names with "
            f"commas between them. Received: {text!r}. "
            f"Use for example --target={names[0]}."
        )
    try:
        return [translator.class_index(name) for name in requested]
    except ModelError as error:
        raise UserError(f"--target: {error}") from error


def sample_tracks(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
) -> list[Track]:
    """One track: every target class, each with `num_samples` z.

    Args:
        translator: names the classes and draws z.
        targets: class numbers.
        num_samples: pictures of each class; sample k has z of seed + k.
        seed: the first z's seed.

    Returns:
        A single track without a label.
    """
    frames = []
    words = file_words(translator.class_names)
    noise = translator.sample_z(range(seed, seed + num_samples))
    for target in targets:
        for number, z in enumerate(noise, 1):
            name, word = translator.class_names[target], words[target]
            column = f"{name} {number}" if num_samples > 1 else name
            suffix = f"{word}--{number}" if num_samples > 1 else word
            frames.append(Frame(target, target, 0.0, z, column, suffix))
    return [Track("", tuple(frames))]


def class_walks(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
    steps: int,
) -> list[Track]:
    """A walk from one class to another for each sample, z unchanged.

    Args:
        translator: names the classes and draws z.
        targets: two class numbers.
        num_samples: walks; walk k has z of seed + k.
        seed: the first z's seed.
        steps: pictures of a walk, both ends counted.

    Returns:
        `num_samples` tracks of `steps` frames.

    Raises:
        UserError: there are not two targets.
    """
    first, second = _require_two(targets, translator.class_names)
    ends = translator.class_names[first], translator.class_names[second]
    words = file_words(translator.class_names)
    tracks = []
    noise = translator.sample_z(range(seed, seed + num_samples))
    for number, z in enumerate(noise, 1):
        several = num_samples > 1
        suffix = f"{words[first]}--{words[second]}"
        suffix += f"--{number}" if several else ""
        frames = [
            Frame(first, second, amount, z, column, f"{suffix}--{place}")
            for place, amount, column in _stations(steps, *ends)
        ]
        tracks.append(Track(f"z {number}" if several else "", tuple(frames)))
    return tracks


def z_walks(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
    steps: int,
) -> list[Track]:
    """Walks from one z to the next for each class and sample.

    Args:
        translator: names the classes and draws z.
        targets: class numbers.
        num_samples: walks of each class; walk k leads from the z of seed + k
            to that of seed + k + 1.
        seed: the first z's seed.
        steps: pictures of a walk, both ends counted.

    Returns:
        `len(targets) * num_samples` tracks of `steps` frames.
    """
    noise = translator.sample_z(range(seed, seed + num_samples + 1))
    words = file_words(translator.class_names)
    tracks = []
    for target in targets:
        label, suffix = f"to {translator.class_names[target]}", words[target]
        for number in range(1, num_samples + 1):
            ends = noise[number - 1], noise[number]
            if num_samples == 1:
                track = _z_walk(target, ends, label, f"{suffix}--z", steps)
            else:
                message = f"{label} {number}", f"{suffix}--z--{number}"
                track = _z_walk(target, ends, *message, steps)
            tracks.append(track)
    return tracks


def file_words(names: Sequence[str]) -> list[str]:
    """Names as parts of file names, different wherever the names are.

    Args:
        names: different texts.

    Returns:
        The same number of texts without blanks, slashes and the like; a
        number is added where two would be the same.
    """
    words = [re.sub(r"[^\w.-]+", "_", name) for name in names]
    return [
        word if words.count(word) == 1 else f"{word}-{number}"
        for number, word in enumerate(words)
    ]


def _stations(
    steps: int, first: str, last: str
) -> list[tuple[str, float, str]]:
    """(place for file names, amount, column label) along a walk."""
    amounts = np.linspace(0.0, 1.0, steps).tolist()
    inner = [f"{amount:.2f}" for amount in amounts[1:-1]]
    columns = [first, *inner, last]
    places = [f"{place:02d}" for place in range(1, steps + 1)]
    return list(zip(places, amounts, columns, strict=True))


def _z_walk(
    target: int,
    ends: tuple[np.ndarray, np.ndarray],
    label: str,
    suffix: str,
    steps: int,
) -> Track:
    frames = []
    for place, amount, column in _stations(steps, "one z", "next z"):
        z = interpolate_z(*ends, amount)
        name = f"{suffix}--{place}"
        frames.append(Frame(target, target, 0.0, z, column, name))
    return Track(label, tuple(frames))


def _require_two(targets: Sequence[int], names: Sequence[str]) -> Sequence[int]:
    if len(targets) != 2:
        raise UserError(
            "Expected two classes in --target to interpolate between. "
            f"Received: {len(targets)}. "
            f"Use for example --target={','.join(names[:2])}."
        )
    return targets
