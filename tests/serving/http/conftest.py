"""A server of the exported model, in a thread of this process."""

import pytest

from tests.serving.http.serving import Serving


@pytest.fixture(scope="session")
def served(exported):
    with Serving(model=exported, name="animals") as server:
        yield server
