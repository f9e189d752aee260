import pytest

from deepi2i_tf.evaluation.protocol import Evaluation, EvaluationOptions
from tests.evaluation import disc_set


@pytest.fixture(scope="package")
def prepared(tmp_path_factory):
    return disc_set.write_set(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="package")
def judge_dir(tmp_path_factory):
    return str(tmp_path_factory.mktemp("judges"))


@pytest.fixture(scope="package")
def evaluation(prepared, judge_dir):
    options = EvaluationOptions(
        num_images=48, batch_size=16, shown=4, recipe=disc_set.RECIPE
    )
    return Evaluation(prepared, options, judge_dir)
