"""`deepi2i_tf.evaluate`: the command `evaluate`, and live models."""

import os
import tempfile
from typing import Any

from deepi2i_tf.config.evaluate import EvaluateOptions, EvaluationConfig
from deepi2i_tf.data.dataset import Dataset
from deepi2i_tf.evaluation import results
from deepi2i_tf.evaluation.evaluate import evaluate as measure
from deepi2i_tf.evaluation.evaluated_model import (
    live_model,
    load_evaluated_model,
    require_same_classes,
    sources_of,
)
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.evaluation.in_training import reference_folder
from deepi2i_tf.models import BaseTranslator, TrainedModel
from deepi2i_tf.reporting.report import write_html
from deepi2i_tf.runs.layout import REPORT_FOLDER
from deepi2i_tf.utils.errors import UserError


def evaluate(
    model: str | os.PathLike | BaseTranslator | TrainedModel,
    data: Dataset | None = None,
    output: str | os.PathLike = "",
    reference_dir: str | os.PathLike = "",
    **options: Any,
) -> dict[str, Any]:
    """Measures a translator, and writes the report of the command.

    Args:
        model: a run directory, an exported model, a `Translator` or a
            `DeepI2I`, of which the averages are measured.
        data: images of its classes; of a run, None takes its own.
        output: folder of the report; of a run, empty takes its own. Of a
            live model, empty writes none.
        reference_dir: of trained reference models, which are used again.
        **options: fields of `EvaluationConfig`, such as `num_images=100`, and
            of a run or an exported model the other flags of the command.

    Returns:
        The contents of `metrics.json`.

    Raises:
        UserError: for everything that a user can mend.
    """
    own = set(EvaluationConfig.__dataclass_fields__)
    chosen = {name: options.pop(name) for name in own & options.keys()}
    config = _checked(EvaluationConfig, chosen)
    folders = os.fspath(output), os.fspath(reference_dir)
    if isinstance(model, str | os.PathLike):
        return _of_files(os.fspath(model), data, folders, config, options)
    if options or data is None:
        raise UserError(
            "Expected data= and options of the measurement beside a live "
            f"model. Received: data={data} and {', '.join(options) or 'none'}. "
            "Give data=load_dataset(config)."
        )
    return _of_live_model(_translator_of(model), data, folders, config)


def _of_live_model(
    translator: BaseTranslator,
    data: Dataset,
    folders: tuple[str, str],
    config: EvaluationConfig,
) -> dict[str, Any]:
    output, reference_dir = folders
    shape, names = translator.config, translator.class_names
    require_same_classes(
        data.prepared, shape.resolution, names or data.class_names
    )
    with tempfile.TemporaryDirectory() as folder:
        scores = measure(
            live_model(translator, shape, {"model": translator.name}),
            prepared_set(data.prepared),
            output or folder,
            config,
            reference_dir,
        )
    if output:
        write_html(output)
    return scores


def _of_files(
    path: str,
    data: Dataset | None,
    folders: tuple[str, str],
    config: EvaluationConfig,
    others: dict[str, Any],
) -> dict[str, Any]:
    """Measures what a path holds, as the command does."""
    output, reference_dir = folders
    exported = os.path.isfile(os.path.join(path, "saved_model.pb"))
    kind = {"model": path} if exported else {"run_dir": path}
    if data is not None:
        others.setdefault("data_dir", data.prepared.path)
    output = output or os.path.join(path, REPORT_FOLDER)
    options = _checked(
        EvaluateOptions,
        {**kind, "output": output, "evaluation": config, **others},
    )
    if options.run_dir and not reference_dir:
        reference_dir = reference_folder(options.run_dir)
    results.tell_replaced(output)
    evaluated, prepared = load_evaluated_model(options)
    sources = sources_of(options, prepared)
    scores = measure(
        evaluated,
        prepared_set(prepared),
        output,
        config,
        reference_dir,
        sources,
    )
    write_html(output, options.run_dir)
    return scores


def _translator_of(model: object) -> BaseTranslator:
    averaged = getattr(model, "averaged", model)
    if isinstance(averaged, BaseTranslator):
        return averaged
    raise UserError(
        "Expected a run directory, an exported model, a Translator or a "
        f"DeepI2I. Received: a {type(model).__name__}. Give one of them."
    )


def _checked(options: type, values: dict[str, Any]) -> Any:
    try:
        return options(**values)
    except (TypeError, ValueError) as error:
        raise UserError(f"evaluate: {error}") from error
