"""The exported model, loaded, for all tests that only read it."""

import pytest

from deepi2i_tf.serving.translator import LoadedTranslator


@pytest.fixture(scope="session")
def loaded(exported):
    return LoadedTranslator(exported)
