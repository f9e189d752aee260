"""What `evaluate` is asked for: frozen, validated values.

`EvaluateOptions` says what is measured and where the report goes, its
`EvaluationConfig` how, and that one's `ReferenceTrainingConfig` how the
reference models are trained: two small ResNets that learn real images and
then read translations, a classifier (for RC) and, where a data set stores
poses, a pose regressor. Trained ones are found again by these values, so
changing one of them trains anew.
"""

import dataclasses
from typing import Any

from deepi2i_tf.config.checks import at_least, choice, require
from deepi2i_tf.config.fields import Options, option

REALS_SPLITS = ("train", "test")
SOURCES = ("seen", "unseen")


@dataclasses.dataclass(frozen=True)
class ReferenceTrainingConfig:
    """Numbers of the reference models' networks and of their training.

    Args:
        version: raise it when the code behind these numbers changes.
        max_resolution: larger images are averaged down to this side.
        widths: channels of the residual stages; the first keeps the size of
            the stem's map (half the image), each other one halves it.
        pose_features: width of the pose head's hidden layer.
        max_images: training images in use, equally many of each class.
        validation_share: share of those that training does not see and early
            stopping looks at.
        batch_size: images per step.
        classifier_steps: longest training of the classifier of up to
            `classes_for_steps` classes; more classes, more steps.
        classes_for_steps: see there.
        pose_steps: longest training of the pose regressor.
        validate_every: steps between two scores on the validation images.
        patience: scores without progress after which training stops.
        good_accuracy: validation accuracy at which training stops.
        good_pose: mean validation R^2 at which training stops.
        learning_rate: Adam's, at its peak; falls to zero along a half cosine
            after a warm-up.
        max_shift: classifier only: images are shifted by up to this share of
            their side, edges repeated.
        max_gain: contrast changes by up to this share, per image.
        max_tint: each colour channel moves by up to this, on [-1, 1].
        noise: standard deviation of pixel noise in training, on [-1, 1].
        seed: of weights, order and augmentation.
    """

    version: int = 3
    max_resolution: int = 64
    widths: tuple[int, ...] = (16, 32, 64)
    pose_features: int = 64
    max_images: int = 16_000
    validation_share: float = 0.1
    batch_size: int = 64
    classifier_steps: int = 1000
    classes_for_steps: int = 32
    pose_steps: int = 1500
    validate_every: int = 100
    patience: int = 5
    good_accuracy: float = 0.999
    good_pose: float = 0.985
    learning_rate: float = 3e-3
    max_shift: float = 0.06
    max_gain: float = 0.1
    max_tint: float = 0.1
    noise: float = 0.05
    seed: int = 0

    def side(self, resolution: int) -> int:
        """Side of the images that the networks see."""
        return min(resolution, self.max_resolution)

    def longest(self, num_classes: int) -> int:
        """Steps of the classifier's longest training."""
        share = max(1.0, num_classes / self.classes_for_steps)
        return round(self.classifier_steps * share)


@dataclasses.dataclass(frozen=True)
class EvaluationConfig(Options):
    """How translations are measured; `reference` is no flag."""

    num_images: int = option(
        1000,
        "Test images that serve as sources, equally many of each class; all "
        "of them if there are fewer",
        at_least(1),
    )
    num_z: int = option(
        1,
        "Translations of every source into every class, each with another z",
        at_least(1),
    )
    reals_split: str = option(
        "train",
        "Real images that mFID and mKID compare with: train has many, none "
        "of which is a source",
        choice(REALS_SPLITS),
    )
    reals_per_class: int = option(
        0, "Of these, how many of each class at most; 0 takes all", at_least(0)
    )
    diversity_sources: int = option(
        20,
        "Sources whose translations are compared with each other for "
        "diversity; 0 leaves it out",
        at_least(0),
    )
    diversity_z: int = option(
        5,
        "Z of each of them; costs as many more translations into every "
        "class, less num_z",
        at_least(2),
    )
    fc: bool = option(
        True,
        "Train a classifier on the translations, for FC; takes as long as "
        "that of RC and is not kept",
    )
    reference_steps: int = option(
        0,
        "Longest training of the classifiers of RC and FC and of the pose "
        "regressor, in steps; 0 takes what is enough for each",
        at_least(0),
    )
    inception_weights: str = option(
        "",
        "Weights of the FID Inception, a .pb, .pth or .npz; empty takes the "
        "features of RC's classifier, and numbers of the two cannot be "
        "compared",
    )
    shown: int = option(8, "Sources on the sheet of translations", at_least(1))
    batch_size: int = option(64, "Images translated at a time", at_least(1))
    seed: int = option(0, "Seed of z and of the reference models", at_least(0))
    reference: ReferenceTrainingConfig = dataclasses.field(
        default_factory=ReferenceTrainingConfig
    )

    @property
    def all_z(self) -> int:
        """How many z are drawn for a source, those of diversity included."""
        if not self.diversity_sources:
            return self.num_z
        return max(self.num_z, self.diversity_z)

    @property
    def reference_training(self) -> ReferenceTrainingConfig:
        """`reference` with this seed, and cut to `reference_steps`."""
        made = dataclasses.replace(self.reference, seed=self.seed)
        if not self.reference_steps:
            return made
        return dataclasses.replace(
            made,
            classifier_steps=self.reference_steps,
            pose_steps=self.reference_steps,
        )

    def identity(self) -> dict[str, Any]:
        """Everything that a result depends on, but for the weights' path."""
        values = dataclasses.asdict(self)
        del values["inception_weights"]
        return values


@dataclasses.dataclass(frozen=True)
class EvaluateOptions(Options):
    """What is measured, on which data, and where the report goes."""

    run_dir: str = option(
        "", "Run directory whose newest checkpoint is measured"
    )
    model: str = option(
        "", "Exported SavedModel to measure instead of a run directory"
    )
    translations: str = option(
        "",
        "Folder of images that any program made, as <class>/<name>.png, to "
        "measure instead",
    )
    reals: str = option(
        "",
        "Folder of real images of the same classes and resolution, to "
        "measure translations with; a tenth of them is for testing",
    )
    compare: str = option(
        "",
        "Two to six runs that were evaluated, with commas between, to be "
        "laid side by side in comparison.html; nothing is measured",
    )
    data_dir: str = option(
        "",
        "Prepared data set to measure on: its folder, or one that holds it "
        "alone at that resolution; empty takes the run's own",
    )
    source_dir: str = option(
        "",
        "Prepared data set whose test images are translated, of whatever "
        "classes; empty takes those of the measured data set",
    )
    sources: str = option(
        "seen",
        "Test images that are translated without source_dir: of seen "
        "classes, or of the run's --held_out_classes, unseen",
        choice(SOURCES),
    )
    step: int = option(
        0, "Checkpoint step to measure; 0 takes the newest", at_least(0)
    )
    best: bool = option(
        False,
        "Measure the checkpoint that was the best by the --best_metric of "
        "the training",
    )
    averaged: bool = option(
        True, "Measure the averaged weights, not the last ones"
    )
    evaluation: EvaluationConfig = dataclasses.field(
        default_factory=EvaluationConfig
    )
    judge_dir: str = option(
        "",
        "Folder of trained reference models, which are used again; empty "
        "takes judge beside the run directory, where training keeps its own, "
        "and without a run <output>/judge",
    )
    output: str = option(
        "",
        "Folder of the report; empty takes <run_dir>/report, and comparison "
        "beside the first run that is compared",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        kinds = ("run_dir", "model", "translations", "compare")
        named = [flag for flag in kinds if getattr(self, flag)]
        require(
            len(named) == 1,
            "one of --run_dir, --model, --translations and --compare",
            ", ".join(f"{flag}={getattr(self, flag)!r}" for flag in kinds),
            "Use for example --run_dir=runs/00001-creatures.",
        )
        self._require_companions()

    def _require_companions(self) -> None:
        """Flags that one kind of input needs, and that another cannot use."""
        require(
            bool(not self.model or (self.data_dir and self.output)),
            "--data_dir and --output beside --model",
            f"data_dir={self.data_dir!r}, output={self.output!r}",
            "Use for example --output=report.",
        )
        require(
            bool(not self.translations or (self.reals and self.output)),
            "--reals and --output beside --translations",
            f"reals={self.reals!r}, output={self.output!r}",
            "Use for example --output=report.",
        )
        require(
            not self.best or bool(self.run_dir and not self.step),
            "--best beside --run_dir and without --step",
            f"run_dir={self.run_dir!r}, step={self.step}",
            "Leave one out.",
        )
        unseen = self.sources == "unseen"
        require(
            not unseen or bool(self.run_dir and not self.source_dir),
            "--sources=unseen beside --run_dir and without --source_dir",
            f"run_dir={self.run_dir!r}, source_dir={self.source_dir!r}",
            "Leave it out.",
        )
        folders = bool(self.translations)
        for flag in ("data_dir", "source_dir") if folders else ("reals",):
            require(
                not getattr(self, flag),
                f"no --{flag} {'beside' if folders else 'without'} "
                "--translations",
                f"{flag}={getattr(self, flag)!r}",
                "Leave it out.",
            )
