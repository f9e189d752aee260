from data_prep.errors import UserError


def test_a_refusal_is_its_sentence():
    assert (
        str(UserError("Expected a. Received: b.")) == "Expected a. Received: b."
    )
