"""Where a judge comes from: the cache, or training on real images."""

import os

from deepi2i_tf.evaluation.image_set import TRAIN, ImageSet
from deepi2i_tf.evaluation.judge import Judge
from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe
from deepi2i_tf.evaluation.judge_store import (
    judge_key,
    load_judge,
    save_judge,
)
from deepi2i_tf.evaluation.judge_training import Say
from deepi2i_tf.evaluation.real_images import read_real_images


def train_or_load_judge(
    data: ImageSet,
    recipe: JudgeRecipe,
    seed: int,
    judge_dir: str,
    say: Say,
) -> tuple[Judge, str]:
    """Finds the judge of a data set, or trains and keeps it.

    Args:
        data: real images; the training split teaches the judge.
        recipe: how judges are made.
        seed: seed of the judge.
        judge_dir: folder of judges; made where missing.
        say: takes progress lines.

    Returns:
        The judge and its key.

    Raises:
        Refusal: the kept judge is damaged, or the images cannot be read.
    """
    key = judge_key(data.identity, recipe, seed)
    folder = os.path.join(judge_dir, key)
    judge = Judge(
        data.resolution, data.num_classes, data.has_pose, recipe, seed
    )
    if load_judge(judge, folder):
        say(f"judge: taken from {folder}")
        return judge, key
    real = read_real_images(data, TRAIN, recipe.max_images, judge.side)
    say(f"judge: training on {len(real)} real images, to be kept in {folder}")
    judge.train(real, say)
    save_judge(judge, folder)
    return judge, key
