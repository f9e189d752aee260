"""Measures translations and writes their report, in one go or in several.

Finished work lies in `<output>/.work` until the report is written: whatever
ends the process, the same call goes on with the class it was in, and ends
with the same numbers.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.class_tally import SHOWN
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.evaluator import Evaluation, Measurement
from deepi2i_tf.evaluation.images.folder_dataset import (
    FolderTranslations,
    folder_set,
)
from deepi2i_tf.evaluation.images.image_folder import ImageFolder
from deepi2i_tf.evaluation.images.labelled_images import LabelledImages
from deepi2i_tf.evaluation.images.real_images import RealImages
from deepi2i_tf.evaluation.inception_features import InceptionFeatures
from deepi2i_tf.evaluation.pictures.interpolation import (
    class_strips,
    z_strips,
)
from deepi2i_tf.evaluation.pictures.kept import collect_pictures
from deepi2i_tf.evaluation.reference.training import Say
from deepi2i_tf.evaluation.results import draw_translations, write_report
from deepi2i_tf.evaluation.translations import TranslatedSources, Translations
from deepi2i_tf.utils.errors import UserError

JUDGE_FOLDER = "judge"
WORK_FOLDER = ".work"
# Raise it when results come about in another way: older work is then useless.
VERSION = 1


def evaluate(
    subject: EvaluatedModel,
    data: LabelledImages,
    output: str,
    options: EvaluationConfig,
    judge_dir: str = "",
    source_set: LabelledImages | None = None,
    say: Say = print,
) -> dict[str, Any]:
    """Measures a translator and writes its report.

    Args:
        subject: the translator.
        data: real images of its classes.
        output: folder of the report; an older one is replaced.
        options: what a person chose.
        judge_dir: folder of kept judges; empty takes `<output>/judge`.
        source_set: its test images are translated; None takes `data`'s.
        say: takes progress lines.

    Returns:
        The contents of `metrics.json`, by the keys of `metrics.names`.

    Raises:
        UserError: too few images, bad weights, or translations not numbers.
    """
    place = _Place(output, judge_dir, options, say)
    source_set = source_set or data
    identities = [subject.identity, subject.dim_z, source_set.identity]
    origin = {"source_data": source_set.path, **subject.origin}
    with _evaluation(data, place, identities) as (evaluation, work):
        sources, source_names = evaluation.read_sources(source_set)
        translations = TranslatedSources(
            subject.translate, subject.dim_z, sources, options
        )
        measured = _measure(evaluation, translations, work, origin)
        shown = sources.take(np.arange(min(options.shown, len(sources))))
        strips = _strips(subject, shown.images, data.num_classes, options.seed)
        _write(output, measured, evaluation, shown, source_names, strips)
    return measured.scores


def evaluate_folder(
    folder: ImageFolder,
    reals: ImageFolder,
    output: str,
    options: EvaluationConfig,
    judge_dir: str = "",
    say: Say = print,
) -> dict[str, Any]:
    """Measures images that another program made, and writes their report.

    Args:
        folder: the translations, by target class.
        reals: real images of the same classes and resolution.
        output: as for `evaluate`.
        options: as for `evaluate`; all translations are measured.
        judge_dir: as for `evaluate`.
        say: takes progress lines.

    Returns:
        As `evaluate`, without what needs the sources: diversity, pose,
        `rc_changed`.

    Raises:
        UserError: as `evaluate`.
    """
    data = folder_set(reals)
    place = _Place(output, judge_dir, options, say)
    with _evaluation(data, place, [folder.identity]) as (evaluation, work):
        translations = FolderTranslations(folder, options.batch_size)
        origin = {"translations": folder.path}
        measurement = _measure(evaluation, translations, work, origin)
        _write(output, measurement, evaluation)
    return measurement.scores


class _Place(NamedTuple):
    """How and where an evaluation works."""

    output: str
    judge_dir: str
    options: EvaluationConfig
    say: Say


@contextlib.contextmanager
def _evaluation(
    data: LabelledImages, place: _Place, identities: list[Any]
) -> Iterator[tuple[Evaluation, WorkFolder]]:
    """An evaluation and its work folder, which is removed when all is done.

    What interrupts it leaves the folder; Ctrl-C is told so.
    """
    output, judge_dir, options, say = place
    inception = None
    if options.inception_weights:
        inception = InceptionFeatures(options.inception_weights)
    sha256 = inception.sha256 if inception else ""
    identities = [data.identity, *identities]
    values = [VERSION, options.identity(), sha256, *map(repr, identities)]
    key = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    path = os.path.join(output, WORK_FOLDER)
    judges = judge_dir or os.path.join(output, JUDGE_FOLDER)
    with WorkFolder(path, key, say) as work:
        try:
            yield (
                Evaluation(data, options, judges, path, inception, say),
                work,
            )
        except KeyboardInterrupt:
            say(
                f"evaluate: what is done so far is kept in {path}; the same "
                "command goes on from there."
            )
            raise
        work.remove()


def _measure(
    evaluation: Evaluation,
    translations: Translations,
    work: WorkFolder,
    origin: Mapping[str, Any],
) -> Measurement:
    lack = evaluation.lack(translations)
    if lack:
        raise UserError(lack)
    return evaluation.measure(translations, work, origin)


def _strips(
    subject: EvaluatedModel, sources: np.ndarray, num_classes: int, seed: int
) -> dict[str, np.ndarray]:
    strips: dict[str, np.ndarray] = {}
    if subject.mix is not None:
        strips |= class_strips(
            subject.mix, sources, num_classes, subject.dim_z, seed
        )
    if subject.between is not None:
        strips |= z_strips(
            subject.translate,
            subject.between,
            sources,
            num_classes,
            subject.dim_z,
            seed,
        )
    return strips


def _write(
    output: str,
    measurement: Measurement,
    evaluation: Evaluation,
    sources: RealImages | None = None,
    source_names: Sequence[str] = (),
    strips: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> None:
    pictures = collect_pictures(measurement, evaluation, sources) | strips
    sheet = draw_translations(
        [result[SHOWN] for result in measurement.results],
        evaluation.data.class_names,
        None if sources is None else sources.images,
        source_names,
    )
    write_report(output, measurement.scores, pictures, sheet)
