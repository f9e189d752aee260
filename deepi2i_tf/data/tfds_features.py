"""Which features of a TFDS set are the image and the label.

`features.json` is read as JSON, not through tensorflow_datasets: importing it
takes seconds. TFDS has written that file in two forms; the older one (up to
4.4) has `type` and `content` in place of `pythonClassName` and a field named
after the kind.
"""

import dataclasses
import json
from typing import Any

from deepi2i_tf.utils.errors import UserError

_CONTENTS = ("image", "classLabel", "tensor", "content")


@dataclasses.dataclass(frozen=True)
class Feature:
    """One feature of a data set.

    Args:
        name: what records call it.
        kind: its TFDS class, e.g. `"ClassLabel"`.
        dtype: of its values, e.g. `"uint8"`; empty where the kind says it.
        num_classes: of a `ClassLabel`; 0 where it is not written down.
        is_single: whether it is one value, not an array of them.
    """

    name: str
    kind: str
    dtype: str
    num_classes: int
    is_single: bool

    @property
    def is_image(self) -> bool:
        """Whether pictures of 8 bits a channel are stored."""
        return self.kind == "Image" and self.dtype in ("", "uint8")

    @property
    def is_label(self) -> bool:
        """Whether it tells the class of an example by a whole number."""
        whole = self.dtype.startswith(("int", "uint")) and self.is_single
        return self.kind == "ClassLabel" or (
            self.kind in ("Tensor", "Scalar") and whole
        )

    def __str__(self) -> str:
        message = f"{self.kind} of {self.dtype}" if self.dtype else self.kind
        return f"{self.name} ({message})"


def read_features(values: dict[str, Any]) -> tuple[Feature, ...]:
    """The features that a `features.json` tells, those on top only.

    Args:
        values: its content.

    Returns:
        The features, sorted by name; none where examples are no dictionaries.
    """
    if "featuresDict" in values:
        features = values["featuresDict"]["features"]
    elif _kind(values) == "FeaturesDict":
        features = _parsed(values["content"])
        features = features.get("features", features)
    else:
        features = {}
    return tuple(
        _read_feature(name, features[name]) for name in sorted(features)
    )


def _read_feature(name: str, values: dict[str, Any]) -> Feature:
    content = next((values[key] for key in _CONTENTS if key in values), {})
    content = _parsed(content)
    shape = content.get("shape") or {}
    sides = shape.get("dimensions") if isinstance(shape, dict) else shape
    classes = content.get("numClasses") or content.get("num_classes")
    return Feature(
        name=name,
        kind=_kind(values),
        dtype=content.get("dtype", ""),
        num_classes=int(classes or 0),
        is_single=not sides,
    )


def _kind(values: dict[str, Any]) -> str:
    full = values.get("pythonClassName") or values.get("type", "")
    return full.rpartition(".")[2]


def _parsed(content: Any) -> dict[str, Any]:
    parsed = json.loads(content) if isinstance(content, str) else content
    return parsed if isinstance(parsed, dict) else {}


def choose_features(
    features: tuple[Feature, ...], supervised: tuple[str, str], path: str
) -> tuple[Feature, Feature]:
    """Finds the image and the label.

    The feature of that name counts; where there is none, the one that the set
    names for supervised learning; else the only one that will do.

    Args:
        features: all of the data set.
        supervised: names of input and output for supervised learning, or
            empty texts.
        path: the data set's folder, for the message.

    Returns:
        The image and the label.

    Raises:
        UserError: there is none, or none that could be chosen.
    """
    images = [feature for feature in features if feature.is_image]
    labels = [feature for feature in features if feature.is_label]
    classes = [label for label in labels if label.kind == "ClassLabel"]
    names = {feature.name for feature in features}
    image = _choose("image", names, images, supervised[0], images)
    label = _choose("label", names, labels, supervised[1], classes)
    if image is None or label is None:
        there = ", ".join(map(str, features)) or "no named features"
        raise UserError(
            f"Expected {path} to have one Image of uint8, named image or the "
            "only one, and one ClassLabel or whole number, named label or the "
            f"only ClassLabel. Received: {there}. Choose a data set of "
            "labelled images."
        )
    return image, label


def _choose(
    name: str,
    names: set[str],
    fitting: list[Feature],
    supervised: str,
    candidates: list[Feature],
) -> Feature | None:
    by_name = {feature.name: feature for feature in fitting}
    if name in names:
        return by_name.get(name)
    if supervised in by_name:
        return by_name[supervised]
    return candidates[0] if len(candidates) == 1 else None
