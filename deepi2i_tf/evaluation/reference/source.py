"""Where a judge comes from: the cache, or training on real images."""

import os

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.images.labelled_images import TRAIN, LabelledImages
from deepi2i_tf.evaluation.images.real_images import read_real_images
from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.evaluation.reference.store import (
    judge_key,
    load_reference_models,
    save_reference_models,
)
from deepi2i_tf.evaluation.reference.training import Say


def train_or_load_reference_models(
    data: LabelledImages,
    recipe: ReferenceTrainingConfig,
    seed: int,
    judge_dir: str,
    say: Say,
) -> tuple[ReferenceModels, str]:
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
        UserError: the kept judge is damaged, or the images cannot be read.
    """
    key = judge_key(data.identity, recipe, seed)
    folder = os.path.join(judge_dir, key)
    judge = ReferenceModels(
        data.resolution, data.num_classes, data.has_pose, recipe, seed
    )
    if load_reference_models(judge, folder):
        say(f"judge: taken from {folder}")
        return judge, key
    real = read_real_images(data, TRAIN, recipe.max_images, judge.side)
    say(f"judge: training on {len(real)} real images, to be kept in {folder}")
    judge.train(real, say)
    save_reference_models(judge, folder)
    return judge, key
