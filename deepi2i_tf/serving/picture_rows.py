"""The pictures to make of a photo: samples, class and latent interpolation.

A row is made from one photo and knows nothing of it, so that every photo gets
the same classes and the same z.
"""

import dataclasses
import re
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from deepi2i_tf.serving.translator import LoadedTranslator, ModelError, slerp
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.names import composed, distinct_names, find_name


@dataclasses.dataclass(frozen=True)
class Frame:
    """One picture to make from a photo.

    Args:
        first: class number.
        second: the class that `amount` leads to; `first` without a mixture.
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
class Row:
    """Pictures side by side, and the label beside the photo's name, if any."""

    label: str
    frames: tuple[Frame, ...]


def parse_targets(text: str, translator: LoadedTranslator) -> list[int]:
    """Class numbers of `--target`, in the order of the text.

    `all` means every class, also where one is called so; in a list, of which
    `all,` is the shortest, it is that class.

    Raises:
        UserError: a name is unknown, stands twice, or there is none.
    """
    names = translator.class_names
    if text.strip() == "all":
        if "all" in names:
            print(
                "--target=all is every class; --target=all, is the class all.",
                file=sys.stderr,
            )
        return list(range(len(names)))
    if known := find_name(text, names):  # also a name with a comma in it
        return [names.index(known)]
    requested = [name.strip() for name in composed(text).split(",")]
    requested = [name for name in requested if name]
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


def samples(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
) -> list[Row]:
    """One row: every target class with `num_samples` z, of seed, seed + 1..."""
    frames = []
    words = file_words(translator.class_names)
    noise = translator.sample_z(range(seed, seed + num_samples))
    for target in targets:
        for number, z in enumerate(noise, 1):
            name, word = translator.class_names[target], words[target]
            column = f"{name} {number}" if num_samples > 1 else name
            suffix = f"{word}--{number}" if num_samples > 1 else word
            frames.append(Frame(target, target, 0.0, z, column, suffix))
    return [Row("", tuple(frames))]


def class_interpolation(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
    steps: int,
) -> list[Row]:
    """A row from one class to another for each z, of seed, seed + 1...

    Args:
        translator: names the classes and draws z.
        targets: two class numbers.
        num_samples: rows.
        seed: of the first z.
        steps: pictures of a row, both ends counted.

    Raises:
        UserError: there are not two targets.
    """
    first, second = _require_two(targets, translator.class_names)
    ends = translator.class_names[first], translator.class_names[second]
    words = file_words(translator.class_names)
    rows = []
    noise = translator.sample_z(range(seed, seed + num_samples))
    for number, z in enumerate(noise, 1):
        several = num_samples > 1
        suffix = f"{words[first]}--{words[second]}"
        suffix += f"--{number}" if several else ""
        frames = [
            Frame(first, second, amount, z, column, f"{suffix}--{index:02d}")
            for index, amount, column in _stations(steps, *ends)
        ]
        rows.append(Row(f"z {number}" if several else "", tuple(frames)))
    return rows


def latent_interpolation(
    translator: LoadedTranslator,
    targets: Sequence[int],
    num_samples: int,
    seed: int,
    steps: int,
) -> list[Row]:
    """Rows from one z to the next for each class.

    Args:
        translator: names the classes and draws z.
        targets: class numbers.
        num_samples: rows of each class; row k leads from the z of seed + k to
            that of seed + k + 1.
        seed: of the first z.
        steps: pictures of a row, both ends counted.
    """
    noise = translator.sample_z(range(seed, seed + num_samples + 1))
    words = file_words(translator.class_names)
    rows = []
    for target in targets:
        label = f"to {translator.class_names[target]}"
        for number in range(1, num_samples + 1):
            several = num_samples > 1
            suffix = f"{words[target]}--z" + (f"--{number}" if several else "")
            ends = noise[number - 1], noise[number]
            frames = [
                Frame(
                    target,
                    target,
                    0.0,
                    slerp(*ends, amount),
                    column,
                    f"{suffix}--{index:02d}",
                )
                for index, amount, column in _stations(steps, "one z", "next z")
            ]
            shown = f"{label} {number}" if several else label
            rows.append(Row(shown, tuple(frames)))
    return rows


def file_words(names: Sequence[str]) -> list[str]:
    """Names as parts of file names, without blanks, slashes and the like.

    A number is added where two different names would become the same.
    """
    words = [re.sub(r"[^\w.-]+", "_", name) for name in names]
    counts = Counter(words)
    return distinct_names(
        (
            word if counts[word] == 1 else f"{word}-{number}"
            for number, word in enumerate(words)
        ),
        most=40,
    )


def _stations(
    steps: int, first: str, last: str
) -> list[tuple[int, float, str]]:
    """(index from 1, amount, column label) along an interpolation."""
    amounts = np.linspace(0.0, 1.0, steps).tolist()
    inner = [f"{amount:.2f}" for amount in amounts[1:-1]]
    columns = [first, *inner, last]
    return list(zip(range(1, steps + 1), amounts, columns, strict=True))


def _require_two(targets: Sequence[int], names: Sequence[str]) -> Sequence[int]:
    if len(targets) != 2:
        raise UserError(
            "Expected two classes in --target to interpolate between. "
            f"Received: {len(targets)}. "
            f"Use for example --target={','.join(names[:2])}."
        )
    return targets
