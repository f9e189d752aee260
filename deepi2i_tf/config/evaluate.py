"""What `evaluate` is asked for: frozen, validated values, as in `options`."""

import dataclasses

from deepi2i_tf.config import checks
from deepi2i_tf.config.checks import require

REALS_SPLITS = ("train", "test")
SOURCES = ("seen", "unseen")


@dataclasses.dataclass(frozen=True)
class EvaluateOptions:
    """What is measured, on which data, and where the report goes.

    Args:
        run_dir: run directory whose newest checkpoint is measured.
        model: exported SavedModel to measure instead of a run directory.
        translations: folder of images that any program made, as
            `<class>/<name>.png`, to measure instead.
        reals: folder of real images of the same classes and resolution, to
            measure `translations` with; a tenth of them is for testing.
        compare: two to six runs that were evaluated, with commas between, to
            be laid side by side in `comparison.html`; nothing is measured.
        data_dir: prepared data set to measure on: its folder, or one that
            holds it alone at that resolution; empty takes the run's own.
        source_dir: prepared data set whose test images are translated, of
            whatever classes; empty takes those of the measured data set.
        sources: test images that are translated without `source_dir`: of
            `"seen"` classes, or of the run's `--held_out_classes`, `"unseen"`.
        step: checkpoint step to measure; 0 takes the newest.
        best: measure the checkpoint that was the best by the `--best_metric`
            of the training.
        averaged: measure the averaged weights, not the last ones.
        num_images: test images that serve as sources, equally many of each
            class; all of them if there are fewer.
        num_z: translations of every source into every class, each with
            another z.
        reals_split: real images that mFID and mKID compare with: `train` has
            many, none of which is a source.
        reals_per_class: of these, how many of each class at most; 0 takes all.
        diversity_sources: sources whose translations are compared with each
            other for diversity; 0 leaves it out.
        diversity_z: z of each of them; costs as many more translations into
            every class, less `num_z`.
        fc: train a classifier on the translations, for FC; takes as long as
            that of RC and is not kept.
        inception_weights: weights of the FID Inception, a `.pb`, `.pth` or
            `.npz`; empty takes the features of RC's classifier, and numbers
            of the two cannot be compared.
        shown: sources on the sheet of translations.
        batch_size: images translated at a time.
        seed: seed of z and of the judge, the classifier behind RC.
        judge_dir: folder of trained judges, which are used again; empty takes
            `judge` beside the run directory, where training keeps its own,
            and without a run `<output>/judge`.
        output: folder of the report; empty takes `<run_dir>/report`, and
            `comparison` beside the first run that is compared.
    """

    run_dir: str = ""
    model: str = ""
    translations: str = ""
    reals: str = ""
    compare: str = ""
    data_dir: str = ""
    source_dir: str = ""
    sources: str = "seen"
    step: int = 0
    best: bool = False
    averaged: bool = True
    num_images: int = 1000
    num_z: int = 1
    reals_split: str = "train"
    reals_per_class: int = 0
    diversity_sources: int = 20
    diversity_z: int = 5
    fc: bool = True
    inception_weights: str = ""
    shown: int = 8
    batch_size: int = 64
    seed: int = 0
    judge_dir: str = ""
    output: str = ""

    def __post_init__(self) -> None:
        subjects = ("run_dir", "model", "translations", "compare")
        named = [flag for flag in subjects if getattr(self, flag)]
        require(
            len(named) == 1,
            "one of --run_dir, --model, --translations and --compare",
            ", ".join(f"{flag}={getattr(self, flag)!r}" for flag in subjects),
            "Use for example --run_dir=runs/00001-creatures.",
        )
        self._require_companions()
        checks.choice("sources", self.sources, SOURCES)
        require(
            self.reals_split in REALS_SPLITS,
            f"--reals_split to be one of {', '.join(REALS_SPLITS)}",
            f"reals_split={self.reals_split!r}",
            "Choose one of them.",
        )
        for flag, least in (
            ("step", 0),
            ("num_images", 1),
            ("num_z", 1),
            ("reals_per_class", 0),
            ("diversity_sources", 0),
            ("diversity_z", 2),
            ("shown", 1),
            ("batch_size", 1),
            ("seed", 0),
        ):
            checks.at_least(flag, getattr(self, flag), least)

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
