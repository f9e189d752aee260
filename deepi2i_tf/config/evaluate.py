"""What `evaluate` is asked for: frozen, validated values, as in `options`."""

import dataclasses

from deepi2i_tf.config.checks import at_least, choice, require
from deepi2i_tf.config.fields import Options, option

REALS_SPLITS = ("train", "test")
SOURCES = ("seen", "unseen")


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
    inception_weights: str = option(
        "",
        "Weights of the FID Inception, a .pb, .pth or .npz; empty takes the "
        "features of RC's classifier, and numbers of the two cannot be "
        "compared",
    )
    shown: int = option(8, "Sources on the sheet of translations", at_least(1))
    batch_size: int = option(64, "Images translated at a time", at_least(1))
    seed: int = option(
        0, "Seed of z and of the judge, the classifier behind RC", at_least(0)
    )
    judge_dir: str = option(
        "",
        "Folder of trained judges, which are used again; empty takes judge "
        "beside the run directory, where training keeps its own, and "
        "without a run <output>/judge",
    )
    output: str = option(
        "",
        "Folder of the report; empty takes <run_dir>/report, and comparison "
        "beside the first run that is compared",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        subjects = ("run_dir", "model", "translations", "compare")
        named = [flag for flag in subjects if getattr(self, flag)]
        require(
            len(named) == 1,
            "one of --run_dir, --model, --translations and --compare",
            ", ".join(f"{flag}={getattr(self, flag)!r}" for flag in subjects),
            "Use for example --run_dir=runs/00001-creatures.",
        )
        self._require_companions()

    def _require_companions(self) -> None:
        """Flags that one kind of subject needs, and that another cannot use."""
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
