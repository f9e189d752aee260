"""Loads an exported translator and uses it from Python.

Needs TensorFlow and NumPy and nothing of this package, so the file may be
copied into another project together with the exported folder.
"""

import difflib
import json
import os
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

_SIGNATURES = ("serving_default", "translate", "translate_mix", "sample_z")


class ModelError(ValueError):
    """A folder that is no exported translator, or a class it does not have."""


class LoadedTranslator:
    """An exported translator: pictures and class names in, pictures out.

    Args:
        path: folder that `deepi2i_tf.export` wrote, or a folder of versions
            (`--version`), of which the highest is taken.
        required: signatures without which a model is refused.

    Attributes:
        path: the folder that was loaded.
        class_names: names in the order of the class numbers.
        resolution: side R of the pictures, in pixels.
        dim_z: length of z.
        fit: how photos became squares where the model was trained: `"crop"`,
            `"pad"` or `"squash"`; `translate_files` does it by itself.
        pad_color: red, green and blue of the background of `"pad"`.

    Raises:
        ModelError: the folder is missing, damaged, or something else.

    Example:
        >>> translator = LoadedTranslator("exported/animals")
        >>> husky = translator.class_index("husky")
        >>> z = translator.sample_z([0])
        >>> translated = translator.translate(images, [husky], z)
    """

    def __init__(
        self, path: str, required: Sequence[str] = _SIGNATURES
    ) -> None:
        self.path = path = model_folder(path)
        facts = _read_facts(path)
        self.class_names = _read_class_names(path, facts["num_classes"])
        self.resolution = facts["resolution"]
        self.dim_z = facts["dim_z"]
        self.fit, self.pad_color = facts["fit"], facts["pad_color"]
        # The signatures live no longer than the object they came from.
        self._loaded = _load(path, required)
        self._signatures = self._loaded.signatures

    @property
    def signatures(self) -> Mapping[str, Any]:
        """The model's functions by name, tensors in and tensors out."""
        return self._signatures

    @property
    def batch_size(self) -> int:
        """Pictures translated at a time: 32 at 128 pixels, fewer above."""
        return min(64, max(1, 32 * 128**2 // self.resolution**2))

    def class_index(self, name: str) -> int:
        """The number of a class, 0..C-1.

        Raises:
            ModelError: unknown; names the nearest, or all if they are few.
        """
        if name in self.class_names:
            return self.class_names.index(name)
        # An accented letter is one code point or two.
        forms = [unicodedata.normalize("NFC", n) for n in self.class_names]
        form = unicodedata.normalize("NFC", name)
        if form in forms:
            return forms.index(form)
        lowered = {known.lower(): known for known in self.class_names}
        near = difflib.get_close_matches(name.lower(), lowered, 3, 0.5)
        if near:
            known = "Nearest: " + ", ".join(lowered[each] for each in near)
        else:
            known = "Known: " + ", ".join(self.class_names[:20])
        more = len(self.class_names) > 20 or near
        raise ModelError(
            f"Expected a class of the model. Received: {name!r}. {known}"
            + ("; all are in assets/class_names.txt." if more else ".")
        )

    def sample_z(self, seeds: Sequence[int]) -> np.ndarray:
        """Draws z from seeds, as `serving_default` does.

        Args:
            seeds: integers, (batch,).

        Returns:
            float32, (batch, dim_z), standard normal.
        """
        seed = tf.constant(seeds, tf.int64)
        return self._signatures["sample_z"](seed=seed)["z"].numpy()

    def translate(
        self,
        images: np.ndarray | str | os.PathLike,
        target_class: Sequence[int] | int | str,
        z: np.ndarray | None = None,
        seed: int = 0,
    ) -> np.ndarray:
        """Translates pictures to one class each, in batches; or one photo.

        Args:
            images: float32, (batch, R, R, 3), in [-1, 1]; or, without z, the
                path of a photo, or uint8, (height, width, 3).
            target_class: int32, (batch,), in 0..C-1; without z, the name or
                number of a class.
            z: float32, (batch, dim_z), standard normal.
            seed: of z, where it is not given.

        Returns:
            float32, (batch, R, R, 3), in [-1, 1]; of a photo uint8,
            (R, R, 3).
        """
        if z is None:
            return self._translate_photo(images, target_class, seed)
        return self._in_batches(
            "translate",
            images=np.asarray(images, np.float32),
            target_class=np.asarray(target_class, np.int32),
            z=np.asarray(z, np.float32),
        )

    def translate_mix(
        self,
        images: np.ndarray,
        first_class: Sequence[int],
        second_class: Sequence[int],
        amount: Sequence[float],
        z: np.ndarray,
    ) -> np.ndarray:
        """Translates to points between two classes, in batches.

        Args:
            images: float32, (batch, R, R, 3), in [-1, 1].
            first_class: int32, (batch,), in 0..C-1.
            second_class: int32, (batch,), in 0..C-1.
            amount: float32, (batch,); 0 is the first class, 1 the second.
            z: float32, (batch, dim_z), standard normal.

        Returns:
            float32, (batch, R, R, 3), in [-1, 1].
        """
        return self._in_batches(
            "translate_mix",
            images=np.asarray(images, np.float32),
            first_class=np.asarray(first_class, np.int32),
            second_class=np.asarray(second_class, np.int32),
            amount=np.asarray(amount, np.float32),
            z=np.asarray(z, np.float32),
        )

    def translate_files(
        self,
        image_bytes: Sequence[bytes],
        target_class: Sequence[int],
        seed: Sequence[int],
    ) -> list[bytes]:
        """Translates encoded pictures of any size, in batches.

        Args:
            image_bytes: contents of JPEG, PNG, GIF or BMP files, (batch,).
            target_class: int32, (batch,), in 0..C-1.
            seed: int64, (batch,); picks z.

        Returns:
            Contents of PNG files of R x R pixels, (batch,).
        """
        encoded = self._in_batches(
            "serving_default",
            image_bytes=np.asarray(image_bytes, object),
            target_class=np.asarray(target_class, np.int32),
            seed=np.asarray(seed, np.int64),
        )
        return encoded.tolist()

    def _translate_photo(
        self,
        photo: np.ndarray | str | os.PathLike,
        target: int | str,
        seed: int,
    ) -> np.ndarray:
        """A photo to a picture, uint8, (R, R, 3)."""
        label = self.class_index(target) if isinstance(target, str) else target
        if not 0 <= label < len(self.class_names):
            raise ModelError(
                f"Expected a class number in 0..{len(self.class_names) - 1}. "
                f"Received: {label}. Choose one of them."
            )
        if isinstance(photo, str | os.PathLike):
            try:
                with open(photo, "rb") as file:
                    encoded = file.read()
            except OSError as error:
                raise ModelError(
                    f"Expected a photo in {os.fspath(photo)}. Received: "
                    f"{error.strerror}. Check the path."
                ) from error
        else:
            encoded = tf.io.encode_png(np.asarray(photo, np.uint8)).numpy()
        (made,) = self.translate_files([encoded], [label], [seed])
        return tf.io.decode_png(made, channels=3).numpy()

    def _in_batches(self, signature: str, **inputs: np.ndarray) -> np.ndarray:
        function = self._signatures[signature]
        (output,) = function.structured_outputs
        count = len(next(iter(inputs.values())))
        if not count:
            raise ValueError("Expected at least one picture. Received: none.")
        answers = []
        for start in range(0, count, self.batch_size):
            batch = slice(start, start + self.batch_size)
            answer = function(
                **{k: tf.convert_to_tensor(v[batch]) for k, v in inputs.items()}
            )
            answers.append(answer[output].numpy())
        return np.concatenate(answers)


def list_versions(path: str) -> dict[int, str]:
    """Versions of a model, lowest first: number -> folder.

    A version is a folder called by a whole number that holds a SavedModel, as
    TensorFlow Serving has it; hidden and unfinished ones are none.
    """
    try:
        names = [n for n in os.listdir(path) if n.isascii() and n.isdigit()]
    except OSError:
        return {}
    folders = {int(name): os.path.join(path, name) for name in names}
    return {
        number: folders[number]
        for number in sorted(folders)
        if os.path.isfile(os.path.join(folders[number], "saved_model.pb"))
    }


def model_folder(path: str) -> str:
    """The folder of a SavedModel: a path itself, or its highest version."""
    if os.path.lexists(os.path.join(path, "saved_model.pb")):
        return path
    versions = list_versions(path)
    return versions[max(versions)] if versions else path


def slerp(first: np.ndarray, second: np.ndarray, amount: float) -> np.ndarray:
    """Spherical linear interpolation from one z to another.

    A straight line would pass near the origin, where a normal z hardly ever
    lies: with angle t between the two, `sin((1-a)t)/sin(t) first +
    sin(a t)/sin(t) second` keeps the length.

    Args:
        first: float32, (dim_z,).
        second: float32, (dim_z,).
        amount: a, from 0 (first) to 1 (second).
    """
    lengths = np.linalg.norm(first) * np.linalg.norm(second)
    cosine = np.clip(first @ second / max(lengths, 1e-12), -1.0, 1.0)
    angle = np.arccos(cosine)
    if np.sin(angle) < 1e-4:  # parallel: the circle is a line
        return ((1.0 - amount) * first + amount * second).astype(np.float32)
    weights = np.sin(np.array([1.0 - amount, amount]) * angle) / np.sin(angle)
    return (weights[0] * first + weights[1] * second).astype(np.float32)


def _read_facts(path: str) -> dict[str, Any]:
    if not os.path.isdir(path):
        raise ModelError(
            f"Expected a folder with an exported model. Received: {path}, "
            "which is not a folder. Export one with deepi2i_tf.export."
        )
    try:
        with open(os.path.join(path, "assets", "model.json")) as file:
            facts = json.load(file)
        keys = ("resolution", "num_classes", "dim_z")
        # Models from before it could be chosen crop, and do not say so.
        fit = facts.get("fit", {"way": "crop", "pad_color": (255, 255, 255)})
        return {key: int(facts[key]) for key in keys} | {
            "fit": fit["way"],
            "pad_color": tuple(map(int, fit["pad_color"])),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(path, f"assets/model.json: {error!r}") from error


def _read_class_names(path: str, num_classes: int) -> tuple[str, ...]:
    try:
        name = os.path.join(path, "assets", "class_names.txt")
        with open(name, encoding="utf-8") as file:
            names = tuple(file.read().splitlines())
    except (OSError, ValueError) as error:
        raise _damaged(path, f"assets/class_names.txt: {error!r}") from error
    if len(names) != num_classes:
        raise _damaged(path, f"{len(names)} names for {num_classes} classes")
    return names


def _load(path: str, required: Sequence[str]) -> object:
    try:
        loaded = tf.saved_model.load(path)
    except Exception as error:  # TensorFlow's readers raise nearly anything
        raise _damaged(path, f"{error!r:.200}") from error
    missing = [name for name in required if name not in loaded.signatures]
    if missing:
        raise ModelError(
            f"Expected {path} to have the signatures {', '.join(required)}. "
            f"Received: no {', no '.join(missing)}. Export it again without "
            "--signatures."
        )
    return loaded


def _damaged(path: str, what: str) -> ModelError:
    return ModelError(
        f"Expected {path} to hold a whole exported model. Received: {what}. "
        "Export it again with deepi2i_tf.export."
    )
