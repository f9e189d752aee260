"""One exported model for all tests that only read it."""

import pytest

from deepi2i_tf.serving.saved_model import export_saved_model
from deepi2i_tf.serving.translator import LoadedTranslator
from tests.serving import tiny_translator


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("exported") / "model")
    export_saved_model(
        tiny_translator.build(),
        tiny_translator.CLASS_NAMES,
        tiny_translator.RESOLUTION,
        tiny_translator.DIM_Z,
        path,
    )
    return path


@pytest.fixture(scope="session")
def loaded(exported):
    return LoadedTranslator(exported)
