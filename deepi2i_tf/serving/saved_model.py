"""Export: a trained translator as a SavedModel that needs nothing of ours.

What is written: `saved_model.pb` with the signatures of
`serving/signatures.py`, the variables, and two assets, `class_names.txt` (a
name on each line, in the order of the class numbers) and `model.json` (what a
caller has to know before it builds inputs).
"""

import json
import os
import tempfile
from collections.abc import Sequence

import tensorflow as tf

from deepi2i_tf.serving.signatures import ServedTranslator
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
) -> None:
    """Writes a translator as a SavedModel, complete or not at all.

    Args:
        served: usually with the averaged weights.
        class_names: names in the order of the class numbers.
        output: folder that becomes the model; its parent is made.
        overwrite: replace an exported model that stands there.
        step: the training step that the weights come from, for the record.

    Raises:
        UserError: the path is in use, or cannot be written to.
    """
    output = os.path.abspath(output)
    check_output(output, overwrite)
    facts = {
        "format": FORMAT,
        "resolution": served.resolution,
        "num_classes": served.num_classes,
        "dim_z": served.dim_z,
        "step": step,
        **served.fit.to_dict(),
    }
    try:
        _write(served, class_names, facts, output)
    except _DISK_ERRORS as error:
        raise UserError(
            f"Expected to write the model to {output}. Received: {error}. "
            "Make room or choose another --output."
        ) from error


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
        f"Received: {output}, which is something else. Choose another."
    )


def _write(
    served: ServedTranslator,
    class_names: Sequence[str],
    facts: dict[str, object],
    output: str,
) -> None:
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
                signatures=served.named_signatures(),
                options=_WITHOUT_GRADIENTS,
            )


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
