"""What export and translate are asked for: frozen, validated values.

The counterpart of `config.py` for the commands that do not train. Nothing here
imports TensorFlow or absl; `flags.py` makes one flag of every field and takes
its help from the `Args` below. Whether a path exists is not asked here: that
is a `Refusal` of the command, not a wrong flag.
"""

import dataclasses

from deepi2i_tf import bounds
from deepi2i_tf.bounds import require

INTERPOLATIONS = ("none", "classes", "z")


def _require_named(flag: str, value: str, example: str) -> None:
    require(bool(value), f"--{flag}", "nothing", f"Use for example {example}.")


@dataclasses.dataclass(frozen=True)
class TrainOptions:
    """What `train` does with its Config.

    Args:
        dry_run: print the resolved configuration and the parameters of every
            network, and stop; needs no data.
    """

    dry_run: bool = False


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """Which weights become a SavedModel, and where.

    Args:
        run_dir: run directory to export from.
        output: folder of the SavedModel; made by the command.
        step: checkpoint step to export; 0 takes the newest.
        best: export the checkpoint that was the best by the `--best_metric`
            of the training.
        averaged: export the averaged weights, not the last ones.
        overwrite: replace an output folder that exists.
    """

    run_dir: str = ""
    output: str = ""
    step: int = 0
    best: bool = False
    averaged: bool = True
    overwrite: bool = False

    def __post_init__(self) -> None:
        _require_named("run_dir", self.run_dir, "--run_dir=runs/00001-animals")
        _require_named("output", self.output, "--output=exported/animals")
        bounds.at_least("step", self.step, 0)
        require(
            not (self.best and self.step),
            "only one of --best and --step",
            f"both, step={self.step}",
            "Leave one out.",
        )


@dataclasses.dataclass(frozen=True)
class TranslateOptions:
    """Which photos are translated into which classes, and how they are kept.

    Args:
        model: exported SavedModel.
        input: photo, or folder of photos.
        target: class names with commas between them, or `all`.
        output: a `.png` file for one labelled sheet; any other path is a
            folder of single files.
        num_samples: translations of every photo into every class, each with
            another z.
        seed: seed of z.
        interpolate: draw the way between two target classes (`classes`) or
            between two z (`z`), instead of samples.
        interpolation_steps: pictures of one interpolation, both ends counted.
        overwrite: replace an output that exists.
    """

    model: str = ""
    input: str = ""
    target: str = "all"
    output: str = "translations.png"
    num_samples: int = 1
    seed: int = 0
    interpolate: str = "none"
    interpolation_steps: int = 7
    overwrite: bool = False

    def __post_init__(self) -> None:
        _require_named("model", self.model, "--model=exported/animals")
        _require_named("input", self.input, "--input=cat.jpg")
        _require_named("target", self.target, "--target=all")
        _require_named("output", self.output, "--output=out.png")
        bounds.at_least("num_samples", self.num_samples, 1)
        bounds.at_least("seed", self.seed, 0)
        bounds.at_least("interpolation_steps", self.interpolation_steps, 2)
        require(
            self.interpolate in INTERPOLATIONS,
            f"--interpolate to be one of {', '.join(INTERPOLATIONS)}",
            f"interpolate={self.interpolate!r}",
            "Choose one of them.",
        )
