"""Keeps a trained judge, so that evaluating again is quick.

A judge's folder is named by everything that decides its weights: the data
set's manifest, the recipe and the seed. It is written beside and renamed, so
a folder of that name is whole.
"""

import dataclasses
import hashlib
import json
import os
import shutil
import uuid

import numpy as np

from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe

CLASSIFIER_FILE = "classifier.weights.h5"
REGRESSOR_FILE = "pose.weights.h5"
STANDARD_FILE = "judge.json"


def judge_key(manifest_path: str, recipe: JudgeRecipe, seed: int) -> str:
    """Name of the judge's folder: 16 hexadecimal digits.

    Args:
        manifest_path: the data set's manifest, whose bytes name the data.
        recipe: the judge's recipe.
        seed: the judge's seed.
    """
    with open(manifest_path, "rb") as file:
        digest = hashlib.sha256(file.read())
    digest.update(json.dumps(dataclasses.asdict(recipe)).encode())
    digest.update(str(seed).encode())
    return digest.hexdigest()[:16]


def save_judge(judge: Judge, folder: str) -> None:
    """Writes a trained judge; an existing one stays.

    Args:
        judge: the judge.
        folder: where it appears, complete or not at all.
    """
    beside = f"{folder}.partial-{uuid.uuid4().hex[:8]}"
    os.makedirs(beside)
    try:
        judge.classifier.save_weights(os.path.join(beside, CLASSIFIER_FILE))
        if judge.regressor is not None:
            judge.regressor.save_weights(os.path.join(beside, REGRESSOR_FILE))
        standard = {
            "pose_mean": judge.pose_mean.tolist(),
            "pose_scale": judge.pose_scale.tolist(),
        }
        with open(os.path.join(beside, STANDARD_FILE), "w") as file:
            json.dump(standard, file)
        if not os.path.isdir(folder):
            os.rename(beside, folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def load_judge(judge: Judge, folder: str) -> bool:
    """Fills a judge with saved weights.

    Args:
        judge: a judge of the same data set, recipe and seed.
        folder: its folder.

    Returns:
        Whether there was one.

    Raises:
        Refusal: the folder is there but cannot be read.
    """
    if not os.path.isdir(folder):
        return False
    try:
        judge.classifier.load_weights(os.path.join(folder, CLASSIFIER_FILE))
        if judge.regressor is not None:
            judge.regressor.load_weights(os.path.join(folder, REGRESSOR_FILE))
        with open(os.path.join(folder, STANDARD_FILE)) as file:
            standard = json.load(file)
        judge.pose_mean = np.asarray(standard["pose_mean"], np.float32)
        judge.pose_scale = np.asarray(standard["pose_scale"], np.float32)
    except (OSError, ValueError, KeyError) as error:
        raise Refusal(
            f"Expected a complete judge in {folder}. Received: files that "
            f"cannot be read ({type(error).__name__}). Delete that folder; "
            "the judge is then trained again."
        ) from error
    return True
