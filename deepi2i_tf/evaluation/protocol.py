"""How a translator is measured: RC and pose on held-out sources.

Every source of the test split is translated into every class, its own among
them, with one z each. So a translator that ignores the target class, or one
that copies its source, has an RC of 1 / classes, and a copier keeps the pose
as well as the regressor can read it. `rc_changed` leaves out the pairs whose
target is the source's own class: a copier has 0 there.
"""

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepi2i_tf.data import PreparedData
from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe
from deepi2i_tf.evaluation.judge_source import TRAIN_SPLIT, train_or_load_judge
from deepi2i_tf.evaluation.judge_training import Say
from deepi2i_tf.evaluation.real_images import read_real_images
from deepi2i_tf.evaluation.report import write_report
from deepi2i_tf.evaluation.scores import score_real, score_translations
from deepi2i_tf.evaluation.translations import (
    Readings,
    Translate,
    read_translations,
)
from deepi2i_tf.metrics import names

SOURCE_SPLIT = "test"
JUDGE_FOLDER = "judge"


@dataclasses.dataclass(frozen=True)
class EvaluationOptions:
    """What a person may choose.

    Args:
        num_images: test images that serve as sources, equally many of each
            class; all of them, if there are fewer.
        seed: seed of z and of the judge.
        batch_size: images that are translated at once.
        shown: sources on the sheet of translations.
        recipe: how the judge is made.
    """

    num_images: int = 1000
    seed: int = 0
    batch_size: int = 64
    shown: int = 8
    recipe: JudgeRecipe = dataclasses.field(default_factory=JudgeRecipe)


class Evaluation:
    """Sources and a judge, ready to measure any number of translators.

    Args:
        prepared: the data set; judges learn its training split, sources
            come from its test split.
        options: what a person chose.
        judge_dir: folder of kept judges.
        say: takes progress lines.

    Raises:
        Refusal: the data set or a kept judge cannot be read.
    """

    def __init__(
        self,
        prepared: PreparedData,
        options: EvaluationOptions,
        judge_dir: str,
        say: Say = print,
    ) -> None:
        self._prepared, self._options, self._say = prepared, options, say
        self.sources = read_real_images(
            prepared, SOURCE_SPLIT, options.num_images, prepared.resolution
        )
        self.judge, self._judge_key = train_or_load_judge(
            prepared,
            self.sources.poses is not None,
            options.recipe,
            options.seed,
            judge_dir,
            say,
        )
        self._real = score_real(self.judge, self.sources)

    def measure(
        self,
        translate: Translate,
        dim_z: int,
        origin: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, Any], Readings]:
        """Measures one translator.

        Args:
            translate: (images float32 (batch, R, R, 3) in [-1, 1], z float32
                (batch, dim_z), labels int32 (batch,)) -> images float32 like
                the first.
            dim_z: length of z.
            origin: where the translator comes from (step, weights, ...);
                joins the protocol.

        Returns:
            The contents of `metrics.json`, and the judge's readings.
        """
        options = self._options
        readings = read_translations(
            translate,
            self.sources,
            self.judge,
            dim_z=dim_z,
            seed=options.seed,
            shown=options.shown,
            batch_size=options.batch_size,
            say=self._say,
        )
        scores = score_translations(
            readings, self.sources, self._real, self._prepared.class_names
        )
        scores[names.PROTOCOL] = self._protocol(readings) | dict(origin or {})
        return scores, readings

    def _protocol(self, readings: Readings) -> dict[str, Any]:
        options = self._options
        return {
            "data": self._prepared.path,
            "split": SOURCE_SPLIT,
            "num_sources": len(self.sources),
            "num_sources_asked": options.num_images,
            "targets": "every class for every source, its own included",
            "num_targets": len(self._prepared.class_names),
            "num_translations": int(readings.classes.size),
            "z": "one per translation, standard normal",
            "seed": options.seed,
            "reals": "the sources themselves",
            "judge": self._judge_key,
            "judge_split": TRAIN_SPLIT,
            "judge_recipe": dataclasses.asdict(options.recipe),
        }


def evaluate(
    translate: Translate,
    dim_z: int,
    prepared: PreparedData,
    output: str,
    options: EvaluationOptions,
    origin: Mapping[str, Any] | None = None,
    judge_dir: str = "",
    say: Say = print,
) -> dict[str, Any]:
    """Measures a translator and writes its report.

    Args:
        translate: see `Evaluation.measure`.
        dim_z: length of z.
        prepared: the data set.
        output: folder of the report; files of an older one are replaced.
        options: what a person chose.
        origin: where the translator comes from; joins the protocol.
        judge_dir: folder of kept judges; empty takes `<output>/judge`.
        say: takes progress lines.

    Returns:
        The contents of `metrics.json`: `rc`, `rc_changed`, `rc_real`,
        `per_class`, `protocol` and, where the data set stores poses,
        `pose_r2`, `pose_r2_to_reading`, `pose_r2_real`.
    """
    judge_dir = judge_dir or os.path.join(output, JUDGE_FOLDER)
    evaluation = Evaluation(prepared, options, judge_dir, say)
    scores, readings = evaluation.measure(translate, dim_z, origin)
    shown = np.arange(readings.pictures.shape[1])
    write_report(
        output,
        scores,
        evaluation.sources.take(shown),
        readings.pictures,
        prepared.class_names,
    )
    return scores
