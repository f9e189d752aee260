"""Measures a trained translator on images that training did not see.

RC is the share of translations that a classifier, trained on real images,
takes for their target class. Where the data set stores poses (Creatures),
pose R^2 says how much of position, size and turn a translation keeps. The
protocol is printed with the numbers. Written to --output: metrics.json,
per_class.csv and translations.png.

Example:
    python -m deepi2i_tf.evaluate --run_dir=runs/00001-creatures
"""

import dataclasses
import os
from typing import Any

from deepi2i_tf import command, flags
from deepi2i_tf.data import PreparedData, find_configured, find_prepared
from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation import report
from deepi2i_tf.evaluation.protocol import EvaluationOptions, evaluate
from deepi2i_tf.evaluation.translations import Translate
from deepi2i_tf.evaluator import translate_function
from deepi2i_tf.networks import z_length
from deepi2i_tf.options import EvaluateOptions
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError
from deepi2i_tf.training.restore import load_translator


@dataclasses.dataclass(frozen=True)
class Subject:
    """What is measured, and on which data.

    Args:
        translate: the translator as a function of arrays.
        dim_z: length of z.
        prepared: the data set.
        origin: where the translator comes from; joins the protocol.
    """

    translate: Translate
    dim_z: int
    prepared: PreparedData
    origin: dict[str, Any]


def main() -> None:
    """Measures what the flags say."""
    options = flags.evaluate_options()
    subject = _of_run(options) if options.run_dir else _of_model(options)
    output = options.output or os.path.join(options.run_dir, "report")
    scores = evaluate(
        subject.translate,
        subject.dim_z,
        subject.prepared,
        output,
        EvaluationOptions(
            num_images=options.num_images,
            seed=options.seed,
            batch_size=options.batch_size,
            shown=options.shown,
        ),
        origin=subject.origin,
        judge_dir=options.judge_dir,
    )
    print(report.describe(scores))
    print(output)


def _of_run(options: EvaluateOptions) -> Subject:
    translator, config, class_names, step = load_translator(
        options.run_dir, averaged=options.averaged, step=options.step or None
    )
    resolution = config.network.resolution
    if options.data_dir:
        prepared = find_prepared(options.data_dir, "", resolution)
    else:
        prepared = find_configured(config.data, resolution)
    _check(prepared, resolution, class_names)
    origin = {
        "run_dir": options.run_dir,
        "step": step,
        "weights": "averaged" if options.averaged else "raw",
    }
    dim_z = z_length(config.network)
    return Subject(translate_function(translator), dim_z, prepared, origin)


def _of_model(options: EvaluateOptions) -> Subject:
    try:
        model = LoadedTranslator(options.model)
    except ModelError as error:
        raise Refusal(str(error)) from error
    prepared = find_prepared(options.data_dir, "", model.resolution)
    _check(prepared, model.resolution, model.class_names)

    def translate(images: Any, z: Any, labels: Any) -> Any:
        return model.translate(images, labels, z)

    return Subject(translate, model.dim_z, prepared, {"model": options.model})


def _check(
    prepared: PreparedData, resolution: int, class_names: tuple[str, ...]
) -> None:
    if (prepared.resolution, prepared.class_names) == (resolution, class_names):
        return
    raise Refusal(
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
    flags.define_evaluate_flags()
    command.run(main)
