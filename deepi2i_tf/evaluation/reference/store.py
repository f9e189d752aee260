"""Keeps a trained judge, so that evaluating again is quick.

A judge's folder is named by everything that decides its weights: the data
set's identity, the recipe and the seed. It is written beside and renamed, so
a folder of that name is whole.
"""

import dataclasses
import hashlib
import json
import os
import zipfile

import keras
import numpy as np

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.utils.atomic_files import atomic_directory
from deepi2i_tf.utils.errors import UserError

WEIGHTS_FILE = "judge.npz"
CLASSIFIER = "classifier"
REGRESSOR = "regressor"
POSE_MEAN = "pose_mean"
POSE_SCALE = "pose_scale"
_UNREADABLE = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile)


def judge_key(
    identity: bytes, recipe: ReferenceTrainingConfig, seed: int
) -> str:
    """Name of the judge's folder: 16 hexadecimal digits.

    Args:
        identity: the data set's, as `PreparedData.identity` gives it.
        recipe: the judge's recipe.
        seed: the judge's seed.
    """
    digest = hashlib.sha256(identity)
    digest.update(json.dumps(dataclasses.asdict(recipe)).encode())
    digest.update(str(seed).encode())
    return digest.hexdigest()[:16]


def save_reference_models(judge: ReferenceModels, folder: str) -> None:
    """Writes a trained judge; an existing one stays.

    Args:
        judge: the judge.
        folder: where it appears, complete or not at all.
    """
    arrays = {POSE_MEAN: judge.pose_mean, POSE_SCALE: judge.pose_scale}
    for name, network in _networks(judge).items():
        for place, weights in enumerate(network.get_weights()):
            arrays[_weights_name(name, place)] = weights
    with atomic_directory(folder, replace=False) as beside:
        np.savez(beside / WEIGHTS_FILE, **arrays)


def load_reference_models(judge: ReferenceModels, folder: str) -> bool:
    """Fills a judge with saved weights.

    Args:
        judge: a judge of the same data set, recipe and seed.
        folder: its folder.

    Returns:
        Whether there was one.

    Raises:
        UserError: the folder is there but cannot be read.
    """
    if not os.path.isdir(folder):
        return False
    try:
        path = os.path.join(folder, WEIGHTS_FILE)
        with open(path, "rb") as file, np.load(file) as arrays:
            for name, network in _networks(judge).items():
                count = len(network.get_weights())
                network.set_weights(
                    [arrays[_weights_name(name, i)] for i in range(count)]
                )
            judge.pose_mean = arrays[POSE_MEAN]
            judge.pose_scale = arrays[POSE_SCALE]
    except _UNREADABLE as error:
        raise UserError(
            f"Expected a complete judge in {folder}. Received: a file that "
            f"cannot be read ({type(error).__name__}). Delete that folder; "
            "the judge is then trained again."
        ) from error
    return True


def _networks(judge: ReferenceModels) -> dict[str, keras.Model]:
    networks = {CLASSIFIER: judge.classifier}
    if judge.regressor is not None:
        networks[REGRESSOR] = judge.regressor
    return networks


def _weights_name(network: str, place: int) -> str:
    return f"{network}_{place:03d}"
