"""One exported model for all tests that only read it."""

import pytest

from deepi2i_tf.serving.translator import LoadedTranslator
from tests.serving import tiny_translator


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    return tiny_translator.export(str(folder / "model"))


@pytest.fixture(scope="session")
def loaded(exported):
    return LoadedTranslator(exported)
