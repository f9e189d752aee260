from data_prep.errors import Refusal


def test_a_refusal_is_its_sentence():
    assert (
        str(Refusal("Expected a. Received: b.")) == "Expected a. Received: b."
    )
