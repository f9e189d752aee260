"""The model under evaluation: a run's translator, or an exported one."""

import dataclasses
import hashlib
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.data import (
    PreparedData,
    find_configured,
    find_prepared,
    only_classes,
    without_classes,
)
from deepi2i_tf.evaluation.images.labelled_images import (
    LabelledImages,
    prepared_set,
)
from deepi2i_tf.evaluation.translations import (
    ClassInterpolation,
    LatentInterpolation,
    Sample,
    Translate,
)
from deepi2i_tf.models import BaseTranslator, variables_by_path
from deepi2i_tf.networks import Generator, z_length
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.runs.restore import best_step, load_translator, read_run
from deepi2i_tf.serving.signatures import ServedTranslator
from deepi2i_tf.serving.translator import (
    LoadedTranslator,
    ModelError,
    slerp,
)
from deepi2i_tf.utils.atomic_files import sha256_of_file
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from deepi2i_tf.utils.names import composed, find_name, printable_path


@dataclasses.dataclass(frozen=True)
class EvaluatedModel:
    """A translator's call, its length of z and where it comes from.

    Args:
        translate: (images float32 (batch, R, R, 3) in [-1, 1], z float32
            (batch, dim_z), labels int32 (batch,)) -> images float32 like the
            first.
        dim_z: length of z.
        origin: step, weights and the like; joins the protocol.
        identity: differs between any two sets of weights, so that unfinished
            work of one is not taken for another's.
        interpolate_classes: translates to points between two classes; None
            if it cannot.
        interpolate_z: points between two z; None draws no such strips.
    """

    translate: Translate
    dim_z: int
    origin: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    identity: str = ""
    interpolate_classes: ClassInterpolation | None = None
    interpolate_z: LatentInterpolation | None = None


def load_evaluated_model(
    options: EvaluateOptions,
) -> tuple[EvaluatedModel, PreparedData]:
    """The translator of `run_dir` or `model`, and the data to measure it on.

    Raises:
        UserError: one of them is missing or damaged, or the two do not go
            together.
    """
    load = _load_run if options.run_dir else _load_export
    return load(options)


def sources_of(
    options: EvaluateOptions, measured: PreparedData
) -> LabelledImages | None:
    """Whose test images are translated; None for those of the measured set."""
    if options.source_dir:
        found = find_prepared(options.source_dir, "", measured.resolution)
        return prepared_set(_fitted(found, measured.fit))
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


def _fitted(prepared: PreparedData, fit: Fit) -> PreparedData:
    """The data set in the model's own way, or a word that it is in another."""
    if prepared.encoding == "photo":
        return dataclasses.replace(prepared, fit=fit)
    if prepared.fit != fit:
        print(
            f"The images of {printable_path(prepared.path)} were made square "
            f"by --fit={prepared.fit.way}, those of the training by "
            f"--fit={fit.way}: numbers of the two differ for that, too.",
            file=sys.stderr,
        )
    return prepared


def translate_function(translator: BaseTranslator) -> Translate:
    """A live translator as a function of NumPy arrays, compiled once."""

    def call(images: tf.Tensor, z: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        translated = translator(images, z=z, labels=labels, training=False)
        return tf.cast(translated, tf.float32)

    return _compiled(call)


def sample_function(generator: Generator) -> Sample:
    """A live BigGAN's generator as a function of arrays, compiled once."""

    def call(z: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        made = generator(z, labels=labels, training=False)
        return tf.cast(made, tf.float32)

    return _compiled(call)


def class_interpolation_function(
    translator: BaseTranslator, config: NetworkConfig
) -> ClassInterpolation:
    """A live translator between classes as a function of arrays."""
    served = ServedTranslator(
        translator, config.resolution, config.num_classes, z_length(config)
    )

    def call(
        images: tf.Tensor,
        z: tf.Tensor,
        first: tf.Tensor,
        second: tf.Tensor,
        amount: tf.Tensor,
    ) -> tf.Tensor:
        mixed = served.translate_mix(images, first, second, amount, z)
        return mixed["images"]

    return _compiled(call)


def live_model(
    translator: BaseTranslator, config: NetworkConfig, origin: Mapping[str, Any]
) -> EvaluatedModel:
    """A translator in memory as the model under evaluation."""
    sha256 = weights_sha256(list(variables_by_path(translator.weights).items()))
    return EvaluatedModel(
        translate=translate_function(translator),
        dim_z=z_length(config),
        origin={**origin, "weights_sha256": sha256},
        identity=sha256,
        interpolate_classes=class_interpolation_function(translator, config),
        interpolate_z=slerp if z_length(config) else None,
    )


def _load_run(options: EvaluateOptions) -> tuple[EvaluatedModel, PreparedData]:
    step = best_step(options.run_dir) if options.best else options.step
    translator, config, class_names, step = load_translator(
        options.run_dir, averaged=options.averaged, step=step or None
    )
    resolution = config.network.resolution
    if options.data_dir:
        prepared = find_prepared(options.data_dir, "", resolution)
        held_out = config.data.held_out_classes
        held_out = [
            name for name in held_out if find_name(name, prepared.class_names)
        ]
        prepared = without_classes(prepared, held_out)
    else:
        prepared = find_configured(config.data, resolution)
    require_same_classes(prepared, resolution, class_names)
    weights = "averaged" if options.averaged else "raw"
    origin = {"run_dir": options.run_dir, "step": step, "weights": weights}
    return live_model(translator, config.network, origin), prepared


def _load_export(
    options: EvaluateOptions,
) -> tuple[EvaluatedModel, PreparedData]:
    try:
        loaded = LoadedTranslator(options.model)
    except ModelError as error:
        raise UserError(str(error)) from error
    found = find_prepared(options.data_dir, "", loaded.resolution)
    prepared = _fitted(found, Fit(loaded.fit, loaded.pad_color))
    require_same_classes(prepared, loaded.resolution, loaded.class_names)
    sha256 = _sha256_of_folder(loaded.path)
    model = EvaluatedModel(
        translate=lambda images, z, labels: loaded.translate(images, labels, z),
        dim_z=loaded.dim_z,
        origin={"model": loaded.path, "model_sha256": sha256},
        identity=sha256,
        interpolate_classes=lambda images, z, first, second, amount: (
            loaded.translate_mix(images, first, second, amount, z)
        ),
        interpolate_z=slerp if loaded.dim_z else None,
    )
    return model, prepared


def _compiled(function: Callable[..., tf.Tensor]) -> Callable[..., np.ndarray]:
    """A function of tensors as one of arrays, for batches of any length.

    One graph serves all lengths: of several, one would be chosen by what was
    called before, and numbers could depend on where work was interrupted.
    """
    graph = None

    def call(*arrays: np.ndarray) -> np.ndarray:
        nonlocal graph
        if graph is None:
            specs = [
                tf.TensorSpec((None, *array.shape[1:]), array.dtype)
                for array in arrays
            ]
            graph = tf.function(
                function, input_signature=specs, autograph=False
            )
        return graph(*map(tf.convert_to_tensor, arrays)).numpy()

    return call


def _sha256_of_folder(folder: str) -> str:
    """One sum over the names and contents of all files."""
    digest = hashlib.sha256()
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = os.path.join(root, name)
            content = sha256_of_file(path)
            line = f"{os.path.relpath(path, folder)} {content}\n"
            digest.update(os.fsencode(line))
    return digest.hexdigest()


def require_same_classes(
    prepared: PreparedData, resolution: int, class_names: tuple[str, ...]
) -> None:
    """Refuses to measure a translator on images of other classes.

    Raises:
        UserError: see there.
    """
    found = [*map(composed, prepared.class_names)], prepared.resolution
    if found == ([*map(composed, class_names)], resolution):
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
