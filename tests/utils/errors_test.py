import pytest

from deepi2i_tf.utils.errors import UserError


def test_a_refusal_is_its_sentence():
    with pytest.raises(UserError) as error:
        raise UserError("Expected a photo. Received: none. Add one.")
    assert str(error.value) == "Expected a photo. Received: none. Add one."
