"""Translators from wherever they lie, and the SavedModel of one."""

import os
import pathlib
import zipfile

import keras

from deepi2i_tf.api.hub import HUB_PREFIX, download
from deepi2i_tf.models import BaseTranslator, TrainedModel
from deepi2i_tf.networks import z_length
from deepi2i_tf.runs import restore
from deepi2i_tf.runs.layout import CONFIG_FILE
from deepi2i_tf.serving.saved_model import check_output, export_saved_model
from deepi2i_tf.serving.signatures import ServedTranslator
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError
from deepi2i_tf.utils.errors import UserError

KERAS_FILE = ".keras"
SAVED_MODEL_FILE = "saved_model.pb"


def load_translator(
    source: str | os.PathLike, averaged: bool = True, step: int | None = None
) -> BaseTranslator | LoadedTranslator:
    """Loads a translator by the path or address of what holds one.

    Args:
        source: a run directory, an exported SavedModel, a `.keras` file of a
            `DeepI2I` or a `Translator`, or `hf://user/name` on the Hub.
        averaged: of a run, take the weight averages.
        step: of a run, which checkpoint; None takes the newest.

    Returns:
        A `Translator`; of a SavedModel a `LoadedTranslator`, whose `translate`
        takes a photo and a class alike.

    Raises:
        UserError: nothing is there, or something else.
    """
    name = os.fspath(source)
    if name.startswith(HUB_PREFIX):
        name = os.fspath(download(name))
    path = pathlib.Path(name).expanduser()
    if name.endswith(KERAS_FILE):
        return _of_keras_file(path)
    if (path / SAVED_MODEL_FILE).is_file():
        try:
            return LoadedTranslator(os.fspath(path))
        except ModelError as error:
            raise UserError(str(error)) from error
    if (path / CONFIG_FILE).is_file():
        return restore.load_translator(path, averaged, step)[0]
    raise UserError(
        "Expected a run directory, an exported model, a .keras file or "
        f"hf://user/name. Received: {name}, which is none of them. Check the "
        "path."
    )


def export(
    translator: BaseTranslator,
    output: str | os.PathLike,
    overwrite: bool = False,
) -> None:
    """Writes a translator as the SavedModel that the command `export` writes.

    Args:
        translator: `model.averaged`, or a loaded one.
        output: folder that becomes the model.
        overwrite: replace an exported model that stands there.

    Raises:
        UserError: the path is in use, or it is no translator with class names.
    """
    if not isinstance(translator, BaseTranslator) or not translator.class_names:
        raise UserError(
            "Expected a Translator that knows its classes. Received: "
            f"{_described(translator)}. Give model.averaged after a fit with "
            "data.train(), or one from load_translator."
        )
    output = os.fspath(output)
    check_output(output, overwrite)
    shape = translator.config
    served = ServedTranslator(
        translator,
        shape.resolution,
        shape.num_classes,
        z_length(shape),
        translator.photo_fit,
        shape.model,
    )
    export_saved_model(served, translator.class_names, output, overwrite)


def _of_keras_file(path: pathlib.Path) -> BaseTranslator:
    try:
        model = keras.saving.load_model(path)
    except (OSError, TypeError, ValueError, KeyError, zipfile.BadZipFile) as e:
        reason = (str(e).strip().splitlines() or [type(e).__name__])[0]
        raise UserError(
            f"Expected {path} to be a model file of this package. Received: "
            f"one that fails at {reason:.200}. Save it again by "
            "model.save()."
        ) from e
    if isinstance(model, TrainedModel):
        model = model.averaged
    if not isinstance(model, BaseTranslator):
        raise UserError(
            f"Expected {path} to hold a translator. Received: "
            f"{_described(model)}. Save a DeepI2I, or its averaged translator."
        )
    return model


def _described(found: object) -> str:
    if isinstance(found, BaseTranslator):
        return "one without class names"
    return f"a {type(found).__name__}"
