"""Which flags a model does not read: given all the same, they are refused.

A flag that would be without effect is a mistake in an experiment that nobody
sees. Of each model the table has the names of all fields that it does not
read; of the stages of DeepI2I every one reads what it needs.
"""

import dataclasses
from typing import Any

from deepi2i_tf.config import checks
from deepi2i_tf.config.baselines import BaselineConfig
from deepi2i_tf.config.pose import PoseConfig
from deepi2i_tf.config.sections import PRECISIONS, ObjectiveConfig


def _names(section: type) -> frozenset[str]:
    return frozenset(field.name for field in dataclasses.fields(section))


_OF_DEEPI2I = (
    _names(ObjectiveConfig)
    | _names(PoseConfig)
    | {
        "shared_dim",
        "adaptor",
        "attention_resolutions",
        "injection_weights",
        "encoder_lr",
        "adaptor_lr",
        "stage",
        "warmup_steps",
        "init_from",
        "init_networks",
        "class_map",
        "class_rows",
        "train_encoder",
    }
)
_OF_SDIT = {"attention", "latent_weight", "latent_in_discriminator"}
_OF_CRITICS = {"classification_weight", "gradient_penalty"}
_OF_DMIT = {
    "identity_weight",
    "content_weight",
    "style_weight",
    "diversity_weight",
    "kl_weight",
}

UNREAD = {
    "deepi2i": _names(BaselineConfig) | _OF_SDIT,
    "stargan": _OF_DEEPI2I | _OF_SDIT | _OF_DMIT | {"dim_z"},
    "sdit": _OF_DEEPI2I | _OF_DMIT,
    # One update of each judge; its diversity is a quotient of means over the
    # whole batch, which parts of it do not make.
    "dmit": _OF_DEEPI2I
    | _OF_SDIT
    | _OF_CRITICS
    | {"discriminator_steps", "num_accumulations"},
}
# Two gradients deep, or of losses that nothing scales, float16 has no range.
NO_FLOAT16 = ("stargan", "sdit", "dmit")


def check_model_flags(config: Any) -> None:
    """Refuses flags of a `Config` that its model does not read.

    Raises:
        ValueError: see there.
    """
    model = config.network.model
    found = [
        f"{field.name}={getattr(section, field.name)}"
        for section in vars(config).values()
        for field in dataclasses.fields(section)
        if field.name in UNREAD[model]
        and getattr(section, field.name) != field.default
    ]
    checks.require(
        not found,
        f"flags that --model={model} reads",
        f"{', '.join(found)}, which it does not",
        "Leave it out, or choose another --model.",
    )
    wanted = [p for p in PRECISIONS if p != "mixed_float16"]
    precision = config.training.mixed_precision
    checks.require(
        model not in NO_FLOAT16 or precision in wanted,
        f"--mixed_precision to be {' or '.join(wanted)} beside "
        f"--model={model}, whose gradients leave float16's range",
        f"mixed_precision={precision}",
        "Use one of them.",
    )
