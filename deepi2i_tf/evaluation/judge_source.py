"""Where a judge comes from: the cache, or training on real images."""

import os

from deepi2i_tf.data import PreparedData
from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.judge_images import judge_resolution
from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe
from deepi2i_tf.evaluation.judge_store import (
    judge_key,
    load_judge,
    save_judge,
)
from deepi2i_tf.evaluation.judge_training import Say
from deepi2i_tf.evaluation.real_images import read_real_images

TRAIN_SPLIT = "train"


def train_or_load_judge(
    prepared: PreparedData,
    has_pose: bool,
    recipe: JudgeRecipe,
    seed: int,
    judge_dir: str,
    say: Say,
) -> tuple[Judge, str]:
    """Finds the judge of a data set, or trains and keeps it.

    Args:
        prepared: the data set; its training split teaches the judge.
        has_pose: whether the data set stores poses.
        recipe: how judges are made.
        seed: seed of the judge.
        judge_dir: folder of judges; made where missing.
        say: takes progress lines.

    Returns:
        The judge and its key.

    Raises:
        Refusal: the kept judge is damaged, or the data set cannot be read.
    """
    key = judge_key(prepared.identity(), recipe, seed)
    folder = os.path.join(judge_dir, key)
    judge = Judge(
        prepared.resolution, prepared.num_classes, has_pose, recipe, seed
    )
    if load_judge(judge, folder):
        say(f"judge: taken from {folder}")
        return judge, key
    side = judge_resolution(prepared.resolution, recipe)
    real = read_real_images(prepared, TRAIN_SPLIT, recipe.max_images, side)
    say(f"judge: training on {len(real)} real images")
    judge.train(real, say)
    save_judge(judge, folder)
    return judge, key
