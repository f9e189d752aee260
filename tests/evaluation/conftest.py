import pytest

from deepi2i_tf.evaluation.evaluator import Evaluation
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from tests.evaluation import disc_set


@pytest.fixture(scope="package")
def prepared(tmp_path_factory):
    return disc_set.write_set(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="package")
def data(prepared):
    return prepared_set(prepared)


@pytest.fixture(scope="package")
def reference_dir(tmp_path_factory):
    return str(tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="package")
def evaluation(data, reference_dir, tmp_path_factory):
    folder = str(tmp_path_factory.mktemp("evaluation"))
    made = Evaluation(data, disc_set.OPTIONS, reference_dir, folder)
    made.train()
    return made


@pytest.fixture(scope="package")
def sources(evaluation):
    return evaluation.read_sources()[0]
