"""What a run is: frozen, validated values, known before anything is built.

Nothing here imports TensorFlow or absl, and nothing changes a `Config` after
it was made; what moves while training (step, averages, optimizer slots) lives
in checkpoints.
"""

import dataclasses
import json
import os
from typing import Any, Self

from deepi2i_tf.config import checks
from deepi2i_tf.config.baselines import BaselineConfig
from deepi2i_tf.config.flag_text import sections_from_flagfile
from deepi2i_tf.config.model_flags import check_model_flags
from deepi2i_tf.config.pose import PoseConfig
from deepi2i_tf.config.sections import (
    DataConfig,
    NetworkConfig,
    ObjectiveConfig,
    OptimizerConfig,
    TrainingConfig,
    TransferConfig,
)
from deepi2i_tf.config.stability import MonitorConfig
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class Config:
    """One experiment: everything that a flagfile says."""

    data: DataConfig = dataclasses.field(default_factory=DataConfig)
    network: NetworkConfig = dataclasses.field(default_factory=NetworkConfig)
    objective: ObjectiveConfig = dataclasses.field(
        default_factory=ObjectiveConfig
    )
    pose: PoseConfig = dataclasses.field(default_factory=PoseConfig)
    baselines: BaselineConfig = dataclasses.field(
        default_factory=BaselineConfig
    )
    optimizer: OptimizerConfig = dataclasses.field(
        default_factory=OptimizerConfig
    )
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)
    transfer: TransferConfig = dataclasses.field(default_factory=TransferConfig)
    monitor: MonitorConfig = dataclasses.field(default_factory=MonitorConfig)

    def __post_init__(self) -> None:
        check_model_flags(self)
        for flag in ("init_networks", "class_map"):
            requested = getattr(self.transfer, flag)
            checks.require(
                bool(self.training.init_from or not requested),
                f"--init_from beside --{flag}",
                f"{flag}={requested!r} alone",
                "Say what the networks start from, or leave it out.",
            )

        checks.require(
            self.training.stage != "transfer"
            or not any(self.objective.transition),
            "--transition=0,0 beside --stage=transfer, whose networks know "
            "classes already",
            f"transition={','.join(map(str, self.objective.transition))}",
            "Leave it out, or train from scratch.",
        )
        self._check_pose()
        steps, decay = self.training.steps, self.optimizer.decay_steps
        checks.require(
            decay <= steps,
            f"--decay_steps to be at most the {steps} of --steps",
            f"decay_steps={decay}",
            "Lower it.",
        )

    def _check_pose(self) -> None:
        """Refuses losses of the pose where there are no sources or pairs."""
        for flag in ("equivariance", "identity", "cycle"):
            weight = getattr(self.pose, flag)
            checks.require(
                self.training.stage != "pretrain" or weight == 0.0,
                f"--{flag}=0 in pretraining, which has no sources",
                f"{flag}={weight}",
                "Leave it out.",
            )
        rows, of = self.training.batch_size, self.pose.rows_together
        checks.require(
            rows % of == 0,
            f"--batch_size to be a multiple of {of} beside --equivariance, "
            "which compares pairs, of 4 beside --cycle",
            f"batch_size={rows}",
            f"Use {rows + of - rows % of}.",
        )

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Nested plain values, fit for `json.dumps`."""
        return dataclasses.asdict(self)

    def to_json(self) -> str:
        """The configuration as indented JSON, sections and keys in order."""
        return json.dumps(self.to_dict(), indent=2) + "\n"

    @classmethod
    def from_dict(cls, values: dict[str, dict[str, Any]]) -> "Config":
        """Inverse of `to_dict`; what an older version lacks is default."""
        sections = {}
        for field in dataclasses.fields(cls):
            section = field.default_factory
            sections[field.name] = section(
                **{
                    key: tuple(value) if isinstance(value, list) else value
                    for key, value in values.get(field.name, {}).items()
                }
            )
        return cls(**sections)

    @classmethod
    def from_json(cls, text: str) -> "Config":
        """Inverse of `to_json`."""
        return cls.from_dict(json.loads(text))

    @classmethod
    def from_flagfile(cls, path: str | os.PathLike, **overrides: Any) -> Self:
        """The experiment of a flagfile, as the commands read it.

        Args:
            path: the flagfile; `flags/NAME.cfg` is found in the package, too.
            **overrides: values of flags, such as `batch_size=16`, which count
                in place of the file's.

        Raises:
            UserError: it cannot be read, or a flag or value is wrong.

        Example:
            >>> Config.from_flagfile("flags/creatures.cfg", batch_size=8)
        """
        path = os.fspath(path)
        sections = {
            field.name: field.default_factory
            for field in dataclasses.fields(cls)
        }
        try:
            return cls(**sections_from_flagfile(path, sections, overrides))
        except ValueError as error:
            raise UserError(f"{path}: {error}") from error
