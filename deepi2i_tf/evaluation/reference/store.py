"""Keeps trained reference models, so that evaluating again is quick.

Their folder is named by everything that decides their weights: the data set's
identity and the numbers of the training. It is written beside and renamed, so
a folder of that name is whole.
"""

import dataclasses
import hashlib
import json
import os
import tempfile
import zipfile

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.images.labelled_images import (
    TRAIN,
    LabelledImages,
    read_real_images,
)
from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.utils.atomic_files import atomic_directory
from deepi2i_tf.utils.errors import UserError

WEIGHTS_FILE = "judge.npz"
CLASSIFIER = "classifier"
REGRESSOR = "regressor"
POSE_MEAN = "pose_mean"
POSE_SCALE = "pose_scale"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def train_or_load_reference_models(
    data: LabelledImages, config: ReferenceTrainingConfig, reference_dir: str
) -> tuple[ReferenceModels, str]:
    """Finds the reference models of a data set, or trains and keeps them.

    Args:
        data: real images, whose training split teaches the models.
        config: how models are trained.
        reference_dir: folder of trained models; made where missing.

    Returns:
        The models and their key.

    Raises:
        UserError: kept models are damaged, models cannot be kept, or images
            cannot be read.
    """
    key = reference_key(data.identity, config)
    folder = os.path.join(reference_dir, key)
    models = ReferenceModels(
        data.resolution, data.num_classes, data.has_pose, config
    )
    if load_reference_models(models, folder):
        print(f"reference models: taken from {folder}")
        return models, key
    _require_folder(reference_dir)
    real = read_real_images(data, TRAIN, config.max_images, models.side)
    print(
        f"reference models: training on {len(real)} real images, to be kept "
        f"in {folder}"
    )
    models.train(real)
    save_reference_models(models, folder)
    return models, key


def _require_folder(path: str) -> None:
    """Refuses a folder that cannot keep models before any is trained."""
    try:
        os.makedirs(path, exist_ok=True)
        tempfile.TemporaryFile(dir=path).close()
    except OSError as error:
        raise UserError(
            f"Expected {path} to be a folder to keep reference models in. "
            f"Received: {error.strerror}. Choose another --judge_dir."
        ) from error


def reference_key(identity: bytes, config: ReferenceTrainingConfig) -> str:
    """Name of the models' folder: 16 hexadecimal digits."""
    digest = hashlib.sha256(identity)
    digest.update(json.dumps(dataclasses.asdict(config)).encode())
    return digest.hexdigest()[:16]


def save_reference_models(models: ReferenceModels, folder: str) -> None:
    """Writes trained models, complete or not at all; existing ones stay."""
    arrays = {POSE_MEAN: models.pose_mean, POSE_SCALE: models.pose_scale}
    for name, network in _networks(models).items():
        for index, weights in enumerate(network.get_weights()):
            arrays[_weights_name(name, index)] = weights
    with atomic_directory(folder, replace=False) as beside:
        np.savez(beside / WEIGHTS_FILE, **arrays)


def load_reference_models(models: ReferenceModels, folder: str) -> bool:
    """Fills models of the same data set and config with saved weights.

    Returns:
        Whether there were some.

    Raises:
        UserError: the folder is there but cannot be read.
    """
    if not os.path.isdir(folder):
        return False
    try:
        path = os.path.join(folder, WEIGHTS_FILE)
        with open(path, "rb") as file, np.load(file) as arrays:
            for name, network in _networks(models).items():
                count = len(network.get_weights())
                network.set_weights(
                    [arrays[_weights_name(name, i)] for i in range(count)]
                )
            models.pose_mean = arrays[POSE_MEAN]
            models.pose_scale = arrays[POSE_SCALE]
    except _UNREADABLE as error:
        raise UserError(
            f"Expected complete reference models in {folder}. Received: a "
            f"file that cannot be read ({type(error).__name__}). Delete that "
            "folder; the models are then trained again."
        ) from error
    return True


def _networks(models: ReferenceModels) -> dict[str, keras.Model]:
    networks = {CLASSIFIER: models.classifier}
    if models.regressor is not None:
        networks[REGRESSOR] = models.regressor
    return networks


def _weights_name(network: str, index: int) -> str:
    return f"{network}_{index:03d}"
