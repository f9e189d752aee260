"""What evaluate, export and translate are asked for: frozen, validated values.

The counterpart of `config.py` for the commands that do not train. Nothing here
imports TensorFlow or absl; `flags.py` makes one flag of every field and takes
its help from the `Args` below. Whether a path exists is not asked here: that
is a `Refusal` of the command, not a wrong flag.
"""

import dataclasses

INTERPOLATIONS = ("none", "classes", "z")


def _require(condition: bool, expected: str, received: str, cure: str) -> None:
    if not condition:
        raise ValueError(f"Expected {expected}. Received: {received}. {cure}")


def _require_at_least(flag: str, value: int, least: int) -> None:
    _require(
        value >= least,
        f"--{flag} to be at least {least}",
        f"{flag}={value}",
        f"Raise it to {least} or more.",
    )


def _require_named(flag: str, value: str, example: str) -> None:
    _require(bool(value), f"--{flag}", "nothing", f"Use for example {example}.")


@dataclasses.dataclass(frozen=True)
class TrainOptions:
    """What `train` does with its Config.

    Args:
        dry_run: print the resolved configuration and the parameters of every
            network, and stop; needs no data.
    """

    dry_run: bool = False


@dataclasses.dataclass(frozen=True)
class EvaluateOptions:
    """What is measured, on which data, and where the report goes.

    Args:
        run_dir: run directory whose newest checkpoint is measured.
        model: exported SavedModel to measure instead of a run directory.
        data_dir: prepared data set to measure on: its folder, or one that
            holds it alone at that resolution; empty takes the run's own.
        step: checkpoint step to measure; 0 takes the newest.
        averaged: measure the averaged weights, not the last ones.
        num_images: test images that serve as sources, equally many of each
            class; all of them if there are fewer.
        shown: sources on the sheet of translations.
        batch_size: images translated at a time.
        seed: seed of z and of the judge, the classifier behind RC.
        judge_dir: folder of trained judges, which are used again; empty
            takes `<output>/judge`.
        output: folder of the report; empty takes `<run_dir>/report`.
    """

    run_dir: str = ""
    model: str = ""
    data_dir: str = ""
    step: int = 0
    averaged: bool = True
    num_images: int = 1000
    shown: int = 8
    batch_size: int = 64
    seed: int = 0
    judge_dir: str = ""
    output: str = ""

    def __post_init__(self) -> None:
        _require(
            bool(self.run_dir) != bool(self.model),
            "one of --run_dir and --model",
            f"run_dir={self.run_dir!r}, model={self.model!r}",
            "Use for example --run_dir=runs/00001-creatures.",
        )
        _require(
            bool(self.run_dir or (self.data_dir and self.output)),
            "--data_dir and --output beside --model",
            f"data_dir={self.data_dir!r}, output={self.output!r}",
            "Use for example --output=report.",
        )
        for flag, least in (
            ("step", 0),
            ("num_images", 1),
            ("shown", 1),
            ("batch_size", 1),
            ("seed", 0),
        ):
            _require_at_least(flag, getattr(self, flag), least)


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """Which weights become a SavedModel, and where.

    Args:
        run_dir: run directory to export from.
        output: folder of the SavedModel; made by the command.
        step: checkpoint step to export; 0 takes the newest.
        averaged: export the averaged weights, not the last ones.
        overwrite: replace an output folder that exists.
    """

    run_dir: str = ""
    output: str = ""
    step: int = 0
    averaged: bool = True
    overwrite: bool = False

    def __post_init__(self) -> None:
        _require_named("run_dir", self.run_dir, "--run_dir=runs/00001-animals")
        _require_named("output", self.output, "--output=exported/animals")
        _require_at_least("step", self.step, 0)


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
        _require_at_least("num_samples", self.num_samples, 1)
        _require_at_least("seed", self.seed, 0)
        _require_at_least("interpolation_steps", self.interpolation_steps, 2)
        _require(
            self.interpolate in INTERPOLATIONS,
            f"--interpolate to be one of {', '.join(INTERPOLATIONS)}",
            f"interpolate={self.interpolate!r}",
            "Choose one of them.",
        )
