"""A translator as something to be measured."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from deepi2i_tf.evaluation.pictures.interpolation import Between, Mix
from deepi2i_tf.evaluation.translations import Translate


@dataclasses.dataclass(frozen=True)
class EvaluatedModel:
    """A translator, and where it comes from.

    Args:
        translate: (images float32 (batch, R, R, 3) in [-1, 1], z float32
            (batch, dim_z), labels int32 (batch,)) -> images float32 like the
            first.
        dim_z: length of z.
        origin: step, weights and the like; joins the protocol.
        identity: differs between any two sets of weights, so that unfinished
            work of one is not taken for another's.
        mix: translates to points between two classes; None if it cannot.
        between: walks between two z; None draws no such strips.
    """

    translate: Translate
    dim_z: int
    origin: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    identity: str = ""
    mix: Mix | None = None
    between: Between | None = None
