"""Tests of deepi2i_tf/serving/http/errors.py."""

import pytest

from deepi2i_tf.serving.http.errors import (
    Reason,
    Refused,
    refusal_of,
    sentence_of,
)

HEAD = (
    "Graph execution error:\n\nDetected at node Assert_3/Assert defined at "
    "(most recent call last):\n<stack traces unavailable>\n"
)
TAIL = (
    "\n\t [[{{node Assert_3/Assert}}]] "
    "[Op:__inference_signature_wrapper_translate_files_9537]"
)


class OpError(Exception):
    def __init__(self, message, code):
        super().__init__(message)
        self.error_code = code


@pytest.mark.parametrize(
    "message, sentence",
    [
        (
            f"{HEAD}assertion failed: [Expected target_class in 0..7, the "
            f"lines. Received:] [30 1]{TAIL}",
            "Expected target_class in 0..7, the lines. Received: 30 1",
        ),
        (
            f"{HEAD}assertion failed: [Expected as many z as images. "
            f"Received, images and z:] [2] [1]{TAIL}",
            "Expected as many z as images. Received, images and z: 2 1",
        ),
        (
            f"{HEAD}Invalid JPEG data, size 200{TAIL}",
            "Expected inputs that the model can read. Received: Invalid JPEG "
            "data, size 200",
        ),
    ],
)
def test_sentences_lose_graph_and_nodes(message, sentence):
    assert sentence_of(message) == sentence
    found = refusal_of(OpError(message, 3))
    assert (found.reason, found.sentence) == (Reason.INVALID, sentence)


def test_a_defect_is_no_refusal():
    for error in (OpError("out of memory", 8), ValueError("x")):
        assert refusal_of(error) is None
    refused = Refused(Reason.BUSY, "Full.")
    assert refusal_of(refused) is refused


def test_every_reason_has_its_codes():
    assert {reason.status for reason in Reason} == {
        *(400, 403, 404, 405, 408, 413, 415, 421, 429, 499, 500, 503, 504)
    }
    codes = {r.status: r.grpc_code for r in Reason}
    assert codes[400] == "INVALID_ARGUMENT" and codes[404] == "NOT_FOUND"
    assert codes[413] == codes[429] == "RESOURCE_EXHAUSTED"
    assert codes[499] == "CANCELLED" and codes[500] == "INTERNAL"
    assert codes[503] == "UNAVAILABLE" and codes[504] == "DEADLINE_EXCEEDED"
