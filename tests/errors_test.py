import pytest

from deepi2i_tf.errors import Refusal


def test_a_refusal_is_its_sentence():
    with pytest.raises(Refusal) as error:
        raise Refusal("Expected a photo. Received: none. Add one.")
    assert str(error.value) == "Expected a photo. Received: none. Add one."
