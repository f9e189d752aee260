"""Export: a trained translator as a SavedModel that needs nothing of ours.

What is written: `saved_model.pb` with the signatures of
`serving/signatures.py`, the variables, two assets, `class_names.txt` (a name on
each line, in the order of the class numbers) and `model.json` (what a caller
has to know before it builds inputs), and the warm-up requests of
`serving/warmup.py`. `NAME` is one model, or holds versions of it, `NAME/1`,
`NAME/2` and so on, which is what TensorFlow Serving takes as a model's base
path.
"""

import json
import os
import tempfile
from collections.abc import Sequence

import tensorflow as tf

from deepi2i_tf.config.commands import NEXT_VERSION, SIGNATURES
from deepi2i_tf.serving import warmup
from deepi2i_tf.serving.signatures import ServedTranslator
from deepi2i_tf.serving.translator import list_versions
from deepi2i_tf.utils.atomic_files import atomic_directory
from deepi2i_tf.utils.backend import without_gradients
from deepi2i_tf.utils.errors import UserError

FORMAT = 1
CLASS_NAMES_FILE = "class_names.txt"
MODEL_FILE = "model.json"
_DISK_ERRORS = (
    OSError,
    tf.errors.ResourceExhaustedError,
    tf.errors.PermissionDeniedError,
)
# Nothing trains a served model; tracing its layers' gradients took half of the
# time of an export.
_WITHOUT_GRADIENTS = tf.saved_model.SaveOptions(
    experimental_custom_gradients=False
)


def export_saved_model(
    served: ServedTranslator,
    class_names: Sequence[str],
    output: str,
    overwrite: bool = False,
    step: int | None = None,
    signatures: Sequence[str] = SIGNATURES,
) -> None:
    """Writes a translator as a SavedModel, complete or not at all.

    Args:
        served: usually with the averaged weights.
        class_names: names in the order of the class numbers.
        output: folder that becomes the model; its parent is made.
        overwrite: replace an exported model that stands there.
        step: the training step that the weights come from, for the record.
        signatures: which of them the model has.

    Raises:
        UserError: the path is in use, or cannot be written to.
    """
    output = os.path.abspath(output)
    check_output(output, overwrite)
    facts = {
        "format": FORMAT,
        "model": served.model,
        "resolution": served.resolution,
        "num_classes": served.num_classes,
        "dim_z": served.dim_z,
        "step": step,
        **served.fit.to_dict(),
    }
    try:
        _write(served, class_names, facts, output, signatures)
    except _DISK_ERRORS as error:
        raise UserError(
            f"Expected to write the model to {output}. Received: {error}. "
            "Make room or choose another --output."
        ) from error


def version_folder(output: str, version: str) -> str:
    """Where a version of a model goes; see `ExportOptions`.

    Args:
        output: folder of the versions, or with an empty version the model.
        version: empty, a whole number, or `auto` for the next one.

    Raises:
        UserError: the folder is a model itself.
    """
    if not version:
        return output
    if os.path.lexists(os.path.join(output, "saved_model.pb")):
        raise UserError(
            "Expected --output to be a folder of versions beside --version. "
            f"Received: {output}, which holds an exported model. Choose "
            "another, or leave --version out."
        )
    if version == NEXT_VERSION:
        there = os.listdir(output) if os.path.isdir(output) else []
        numbers = [int(n) for n in there if n.isascii() and n.isdigit()]
        version = str(max(numbers, default=0) + 1)
    return os.path.join(output, str(int(version)))


def check_output(output: str, overwrite: bool) -> None:
    """Refuses a path in use, before anything slow is done.

    Args:
        output: where a model is to be written.
        overwrite: whether an exported model may be replaced; nothing but an
            exported model or an empty folder ever is.

    Raises:
        UserError: the path is in use.
    """
    if not os.path.lexists(output):
        return
    if os.path.isdir(output):
        found = sorted(os.listdir(output))
        if not found or ("saved_model.pb" in found and overwrite):
            return
        if "saved_model.pb" in found:
            raise UserError(
                "Expected --output to be a new folder. Received: "
                f"{output}, which holds an exported model. "
                "Choose another or add --overwrite."
            )
    raise UserError(
        "Expected --output to be a new folder or an exported model. "
        f"Received: {output}, which is something else. Choose another"
        + (", or add --version=auto." if list_versions(output) else ".")
    )


def _write(
    served: ServedTranslator,
    class_names: Sequence[str],
    facts: dict[str, object],
    output: str,
    signatures: Sequence[str],
) -> None:
    functions = served.named_signatures()
    with (
        atomic_directory(output) as beside,
        tempfile.TemporaryDirectory() as folder,
    ):
        module = tf.Module()
        # What the graphs read is saved because it hangs on the module.
        module.weights = [each.value for each in served.translator.variables]
        module.assets = _write_assets(folder, class_names, facts)
        with without_gradients():
            tf.saved_model.save(
                module,
                os.fspath(beside),
                signatures={
                    name: function
                    for name, function in functions.items()
                    if name in signatures
                },
                options=_WITHOUT_GRADIENTS,
            )
        warmup.write_requests(served, signatures, os.fspath(beside))


def _write_assets(
    folder: str, class_names: Sequence[str], facts: dict[str, object]
) -> list[tf.saved_model.Asset]:
    names_path = os.path.join(folder, CLASS_NAMES_FILE)
    facts_path = os.path.join(folder, MODEL_FILE)
    with open(names_path, "w", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in class_names)
    with open(facts_path, "w", encoding="utf-8") as file:
        file.write(json.dumps(facts, indent=2) + "\n")
    return [tf.saved_model.Asset(path) for path in (names_path, facts_path)]
