"""What export, translate and convert are asked for: frozen, validated values.

Whether a path exists is not asked here: that is an error of the command
(exit 1), not a wrong flag (exit 2).
"""

import dataclasses

from deepi2i_tf.config import checks
from deepi2i_tf.config.checks import require
from deepi2i_tf.config.sections import FEATURE_RESOLUTIONS

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
        checks.at_least("step", self.step, 0)
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
        checks.at_least("num_samples", self.num_samples, 1)
        checks.at_least("seed", self.seed, 0)
        checks.at_least("interpolation_steps", self.interpolation_steps, 2)
        require(
            self.interpolate in INTERPOLATIONS,
            f"--interpolate to be one of {', '.join(INTERPOLATIONS)}",
            f"interpolate={self.interpolate!r}",
            "Choose one of them.",
        )


@dataclasses.dataclass(frozen=True)
class ConvertOptions:
    """Which foreign checkpoint becomes which run directory, or the way back.

    Args:
        input: folder or zip that holds G_ema.pth or G.pth, D.pth and, of a
            DeepI2I release, E1.pth and A1.pth, at any depth; or the file of
            a generator.
        generator: file of a BigGAN generator, of any name, in place of
            `input`.
        discriminator: file of its discriminator, of any name, beside the
            file of a generator; empty for none.
        output: run directory to be made.
        class_names: text file with the name of each class on a line of its
            own, in the order of the class numbers; empty calls them
            class_0000 and so on.
        injection_weights: w_l of eq. 4 at 4, 8, 16 and 32 pixels, which no
            file holds; the authors transferred with 0.1 each.
        to_pytorch: the way back: folder to be made, of `run_dir`'s networks
            as PyTorch files of the original's names.
        run_dir: run directory whose networks `to_pytorch` writes.
        step: its checkpoint step; 0 takes the newest.
        overwrite: replace a converted run, or a folder of `to_pytorch`, that
            stands there.
    """

    input: str = ""
    generator: str = ""
    discriminator: str = ""
    output: str = ""
    class_names: str = ""
    injection_weights: tuple[float, ...] = (0.1, 0.1, 0.1, 0.1)
    to_pytorch: str = ""
    run_dir: str = ""
    step: int = 0
    overwrite: bool = False

    def __post_init__(self) -> None:
        checks.at_least("step", self.step, 0)
        ways = ("input", "generator", "to_pytorch")
        require(
            len([flag for flag in ways if getattr(self, flag)]) == 1,
            "one of --input, --generator and --to_pytorch",
            ", ".join(f"{flag}={getattr(self, flag)!r}" for flag in ways),
            "Use for example --input=138k.zip.",
        )
        back = bool(self.to_pytorch)
        needed, useless = ("output",), ("run_dir", "step")
        if back:
            needed = ("run_dir",)
            useless = ("output", "discriminator", "class_names")
        way = "--to_pytorch" if back else "--input or --generator"
        for flag in needed:
            require(
                bool(getattr(self, flag)),
                f"--{flag} beside {way}",
                "nothing",
                f"Use for example --{flag}=runs/00001-biggan.",
            )
        for flag in useless:
            require(
                not getattr(self, flag),
                f"no --{flag} beside {way}",
                f"{flag}={getattr(self, flag)!r}",
                "Leave it out.",
            )
        checks.one_each(
            "injection_weights", self.injection_weights, FEATURE_RESOLUTIONS
        )
