from deepi2i_tf.evaluation.reference.source import (
    train_or_load_reference_models,
)
from tests.evaluation import disc_set


def test_a_kept_judge_is_not_trained_again(
    data, evaluation, sources, judge_dir
):
    said = []
    judge, key = train_or_load_reference_models(
        data, disc_set.RECIPE, 0, judge_dir, said.append
    )
    assert said == [f"judge: taken from {judge_dir}/{key}"]
    images = sources.images
    seen = evaluation.eyes.judge.classify(images)
    assert judge.classify(images).tolist() == seen.tolist()
    read = evaluation.eyes.judge.read_pose(images)
    assert judge.read_pose(images).tolist() == read.tolist()
