"""Measures translations: are they of the class, and do they keep the source.

RC and FC: accuracy of a classifier trained on real images on translations,
and the other way round. mFID and mKID x 100: distance between translations
into a class and its real images, in the features of that classifier (domain)
or, with --inception_weights, of Inception (inception-2015). Diversity: how
much z changes. Pose R^2, where the data set stores poses (Creatures): how
much of position, size and turn a translation keeps.

What is measured: a run (--run_dir), an exported model (--model), or images
that any program made (--translations, --reals). The protocol is printed with
the numbers. Written to --output: report.html, metrics.json, per_class.csv,
pictures.npz, translations.png and plots/. Interrupted work is kept, and the
same command goes on.

Examples:
    python -m deepi2i_tf.evaluate --run_dir=runs/00001-creatures
    python -m deepi2i_tf.evaluate --compare=runs/00001-a,runs/00002-b
"""

import hashlib
import os
from pathlib import Path
from typing import Any

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.data import (
    PreparedData,
    find_configured,
    find_prepared,
    only_classes,
    without_classes,
)
from deepi2i_tf.evaluation import results
from deepi2i_tf.evaluation.evaluate import evaluate, evaluate_folder
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.images.image_folder import (
    read_image_folder,
    require_alike,
)
from deepi2i_tf.evaluation.images.labelled_images import (
    LabelledImages,
    prepared_set,
)
from deepi2i_tf.evaluation.in_training import (
    make_repeatable,
    mix_function,
    reference_folder,
    translate_function,
)
from deepi2i_tf.models import variables_by_path
from deepi2i_tf.networks import z_length
from deepi2i_tf.reporting.comparison import write_comparison
from deepi2i_tf.reporting.report import write_html
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.runs.layout import REPORT_FOLDER
from deepi2i_tf.runs.restore import best_step, load_translator, read_run
from deepi2i_tf.serving.translator import (
    LoadedTranslator,
    ModelError,
    interpolate_z,
)
from deepi2i_tf.utils.atomic_files import sha256_of_file
from deepi2i_tf.utils.errors import UserError


def main() -> None:
    """Measures what the flags say."""
    options = flags.read(EvaluateOptions)
    if options.compare:
        print(_compare(options))
        return
    output = options.output or os.path.join(options.run_dir, REPORT_FOLDER)
    if options.translations:
        scores = _measure_folder(options, output)
    else:
        scores = _measure_translator(options, output)
    print(results.describe(scores))
    print(write_html(output, options.run_dir))


def _compare(options: EvaluateOptions) -> str:
    runs = options.compare.split(",")
    beside = os.path.dirname(os.path.normpath(runs[0]))
    output = options.output or os.path.join(beside, "comparison")
    return write_comparison(runs, output)


def _measure_folder(options: EvaluateOptions, output: str) -> dict[str, Any]:
    translations, reals = (
        read_image_folder(path, flag, print)
        for path, flag in (
            (options.translations, "--translations"),
            (options.reals, "--reals"),
        )
    )
    require_alike(translations, reals)
    return evaluate_folder(
        translations, reals, output, options.evaluation, options.judge_dir
    )


def _measure_translator(
    options: EvaluateOptions, output: str
) -> dict[str, Any]:
    make = _of_run if options.run_dir else _of_model
    subject, prepared = make(options)
    judge_dir = options.judge_dir
    if options.run_dir and not judge_dir:
        judge_dir = reference_folder(options.run_dir)
    return evaluate(
        subject,
        prepared_set(prepared),
        output,
        options.evaluation,
        judge_dir,
        _source_set(options, prepared),
    )


def _source_set(
    options: EvaluateOptions, measured: PreparedData
) -> LabelledImages | None:
    """Whose test images are translated; None for those of the measured set."""
    if options.source_dir:
        found = find_prepared(options.source_dir, "", measured.resolution)
        return prepared_set(found)
    if options.sources == "seen":
        return None
    config, _ = read_run(Path(options.run_dir))
    unseen = config.data.held_out_classes
    if not unseen:
        raise UserError(
            "Expected --sources=unseen beside a run that was trained with "
            f"--held_out_classes. Received: {options.run_dir}, which held "
            "none out. Use --source_dir for other images."
        )
    whole = find_prepared(measured.path, "", measured.resolution)
    return prepared_set(only_classes(whole, unseen))


def _of_run(options: EvaluateOptions) -> tuple[EvaluatedModel, PreparedData]:
    step = best_step(options.run_dir) if options.best else options.step
    translator, config, class_names, step = load_translator(
        options.run_dir, averaged=options.averaged, step=step or None
    )
    resolution = config.network.resolution
    if options.data_dir:
        prepared = find_prepared(options.data_dir, "", resolution)
        there, held_out = prepared.class_names, config.data.held_out_classes
        held_out = [name for name in held_out if name in there]
        prepared = without_classes(prepared, held_out)
    else:
        prepared = find_configured(config.data, resolution)
    _check(prepared, resolution, class_names)
    sha256 = weights_sha256(list(variables_by_path(translator.weights).items()))
    subject = EvaluatedModel(
        translate=translate_function(translator),
        dim_z=z_length(config.network),
        origin={
            "run_dir": options.run_dir,
            "step": step,
            "weights": "averaged" if options.averaged else "raw",
            "weights_sha256": sha256,
        },
        identity=sha256,
        mix=mix_function(translator, config.network),
        between=interpolate_z,
    )
    return subject, prepared


def _of_model(options: EvaluateOptions) -> tuple[EvaluatedModel, PreparedData]:
    try:
        model = LoadedTranslator(options.model)
    except ModelError as error:
        raise UserError(str(error)) from error
    prepared = find_prepared(options.data_dir, "", model.resolution)
    _check(prepared, model.resolution, model.class_names)
    sha256 = _sha256_of_folder(options.model)
    subject = EvaluatedModel(
        translate=lambda images, z, labels: model.translate(images, labels, z),
        dim_z=model.dim_z,
        origin={"model": options.model, "model_sha256": sha256},
        identity=sha256,
        mix=lambda images, z, first, second, amount: model.translate_mix(
            images, first, second, amount, z
        ),
        between=interpolate_z,
    )
    return subject, prepared


def _sha256_of_folder(folder: str) -> str:
    """One sum over the names and contents of all files."""
    digest = hashlib.sha256()
    for place, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(place, name)
            content = sha256_of_file(Path(path))
            message = f"{os.path.relpath(path, folder)} {content}\n"
            digest.update(message.encode())
    return digest.hexdigest()


def _check(
    prepared: PreparedData, resolution: int, class_names: tuple[str, ...]
) -> None:
    if (prepared.resolution, prepared.class_names) == (resolution, class_names):
        return
    raise UserError(
        f"Expected {prepared.path} to hold the {len(class_names)} classes of "
        f"the translator ({_few(class_names)}) at {resolution} px. Received: "
        f"{prepared.num_classes} classes ({_few(prepared.class_names)}) at "
        f"{prepared.resolution} px. Name the data set of the training with "
        "--data_dir."
    )


def _few(class_names: tuple[str, ...]) -> str:
    more = ", ..." if len(class_names) > 4 else ""
    return ", ".join(class_names[:4]) + more


if __name__ == "__main__":
    make_repeatable()
    flags.define("evaluate")
    command.run(main)
