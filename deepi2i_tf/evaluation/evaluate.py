"""Measures translations and writes their report, in one go or in several.

Finished work lies in `<output>/.work` until the report is written: whatever
ends the process, the same call goes on with the class it was in, and ends
with the same numbers.
"""

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.evaluator import Evaluation, Measurement
from deepi2i_tf.evaluation.feature_extractor import InceptionFeatures
from deepi2i_tf.evaluation.images.image_folder import (
    FolderTranslations,
    ImageFolder,
    folder_dataset,
)
from deepi2i_tf.evaluation.images.labelled_images import (
    LabelledImages,
    RealImages,
)
from deepi2i_tf.evaluation.per_class import SHOWN
from deepi2i_tf.evaluation.pictures import collect_pictures, interpolations
from deepi2i_tf.evaluation.results import draw_translations, write_report
from deepi2i_tf.evaluation.translations import TranslatedSources, Translations
from deepi2i_tf.metrics import names
from deepi2i_tf.runs.layout import EVALUATION_WORK_FOLDER, REFERENCE_FOLDER
from deepi2i_tf.utils.errors import UserError

# Raise it when results come about in another way: older work is then useless.
VERSION = 3


def evaluate(
    model: EvaluatedModel,
    data: LabelledImages,
    output: str,
    config: EvaluationConfig,
    reference_dir: str = "",
    source_set: LabelledImages | None = None,
) -> dict[str, Any]:
    """Measures a translator and writes its report.

    Args:
        model: the translator.
        data: real images of its classes.
        output: folder of the report; an older one is replaced.
        config: how it is measured.
        reference_dir: of kept reference models; empty is `<output>/judge`.
        source_set: its test images are translated; None takes `data`'s.

    Returns:
        The contents of `metrics.json`.

    Raises:
        UserError: no images, bad weights, or translations not numbers.
    """
    source_set = source_set or data
    config, no_z = _of_model(model, config)
    identities = [model.identity, model.dim_z, source_set.identity]
    origin = {"source_data": source_set.path, **model.origin, **no_z}
    folders = output, reference_dir
    with _evaluation(data, config, folders, identities) as (evaluation, work):
        sources, source_names = evaluation.read_sources(source_set)
        made = TranslatedSources(model.translate, model.dim_z, sources, config)
        made.check()
        measured = _measure(evaluation, made, work, origin)
        shown = sources.take(np.arange(min(config.shown, len(sources))))
        strips = interpolations(
            model, shown.images, data.num_classes, config.seed
        )
        _write(output, measured, evaluation, shown, source_names, strips)
    return measured.scores


def evaluate_folder(
    folder: ImageFolder,
    reals: ImageFolder,
    output: str,
    config: EvaluationConfig,
    reference_dir: str = "",
) -> dict[str, Any]:
    """Measures images that another program made, and writes their report.

    Args:
        folder: the translations, by target class; all are measured.
        reals: real images of the same classes and resolution.
        output: as for `evaluate`.
        config: as for `evaluate`.
        reference_dir: as for `evaluate`.

    Returns:
        As `evaluate`, without what needs the sources: diversity, pose,
        `rc_changed`.

    Raises:
        UserError: as `evaluate`.
    """
    data = folder_dataset(reals)
    folders = output, reference_dir
    identities = [folder.identity]
    with _evaluation(data, config, folders, identities) as (evaluation, work):
        translations = FolderTranslations(folder, config.batch_size)
        origin = {"translations": folder.path}
        measured = _measure(evaluation, translations, work, origin)
        _write(output, measured, evaluation)
    return measured.scores


def _of_model(
    model: EvaluatedModel, config: EvaluationConfig
) -> tuple[EvaluationConfig, dict[str, str]]:
    """How a model is measured, and what the protocol says of no z."""
    if model.dim_z:
        return config, {}
    if config.num_z > 1:
        raise UserError(
            "Expected --num_z=1 for a model that has no z, and one "
            "translation of a source into a class. Received: "
            f"num_z={config.num_z}. Leave it out."
        )
    made = dataclasses.replace(config, diversity_sources=0)
    return made, {names.DIVERSITY: "0: no z"}


@contextlib.contextmanager
def _evaluation(
    data: LabelledImages,
    config: EvaluationConfig,
    folders: tuple[str, str],
    identities: list[Any],
) -> Iterator[tuple[Evaluation, WorkFolder]]:
    """An evaluation and its work folder, which is removed when all is done.

    What interrupts it leaves the folder; Ctrl-C is told so.
    """
    output, reference_dir = folders
    inception = None
    if config.inception_weights:
        inception = InceptionFeatures(config.inception_weights)
    sha256 = inception.sha256 if inception else ""
    identities = [data.identity, *identities]
    values = [VERSION, config.identity(), sha256, *map(repr, identities)]
    key = hashlib.sha256(json.dumps(values).encode()).hexdigest()
    path = os.path.join(output, EVALUATION_WORK_FOLDER)
    reference_dir = reference_dir or os.path.join(output, REFERENCE_FOLDER)
    with WorkFolder(path, key) as work:
        try:
            yield Evaluation(data, config, reference_dir, path, inception), work
        except KeyboardInterrupt:
            print(
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
    """Measures, having said before it takes time what cannot be."""
    if lack := evaluation.lack(translations):
        print(f"evaluate: {lack}", flush=True)
    evaluation.train()
    return evaluation.measure(translations, work, origin)


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
