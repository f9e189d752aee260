"""Tests of deepi2i_tf/serving/http/contract.py: bodies and paths."""

import base64
import json
import random

import numpy as np
import pytest

from deepi2i_tf.serving.http import contract
from deepi2i_tf.serving.http.contract import Signature, Tensor
from deepi2i_tf.serving.http.errors import Reason, Refused

IMAGES = Tensor("float32", (2, 2, 3))
SIGNATURES = {
    "serving_default": Signature(
        {
            "image_bytes": Tensor("string", ()),
            "target_class": Tensor("int32", ()),
            "seed": Tensor("int64", ()),
        },
        {"translated_bytes": Tensor("string", ())},
    ),
    "translate": Signature(
        {"images": IMAGES, "target_class": Tensor("int32", ())},
        {"images": IMAGES},
    ),
    "sample_z": Signature(
        {"seed": Tensor("int64", ())}, {"z": Tensor("float32", (2,))}
    ),
    "two": Signature(
        {"seed": Tensor("int64", ())},
        {"z": Tensor("float32", (2,)), "name": Tensor("string", ())},
    ),
}
B64 = {"b64": base64.b64encode(b"\xff\x00picture").decode()}
ROW = {"image_bytes": B64, "target_class": 3, "seed": -1}


def parse(request):
    body = request if isinstance(request, bytes) else json.dumps(request)
    return contract.parse_call(body, SIGNATURES)


def refusal(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    assert caught.value.sentence.isascii()
    return caught.value


def test_rows_and_columns_are_the_same_call():
    rows = parse({"instances": [ROW, {**ROW, "seed": 2**63 - 1}]})
    columns = parse(
        {
            "signature_name": "serving_default",
            "inputs": {
                "image_bytes": [B64, B64],
                "target_class": [3, 3],
                "seed": [-1, 2**63 - 1],
            },
        }
    )
    for call in (rows, columns):
        assert call.rows == 2 and call.signature == "serving_default"
        assert call.inputs["image_bytes"].tolist() == [b"\xff\x00picture"] * 2
        assert call.inputs["target_class"].dtype == np.int32
        assert call.inputs["seed"].tolist() == [-1, 2**63 - 1]
    assert rows.by_rows and not columns.by_rows


def test_an_only_input_needs_no_name():
    for value in ([1, 2], {"seed": [1, 2]}):
        call = parse({"signature_name": "sample_z", "inputs": value})
        assert call.inputs["seed"].tolist() == [1, 2]
    for rows in ([1, 2], [{"seed": 1}, {"seed": 2}]):
        call = parse({"signature_name": "sample_z", "instances": rows})
        assert call.inputs["seed"].tolist() == [1, 2]


def test_the_requests_of_the_api_page_are_read_as_it_says():
    """https://www.tensorflow.org/tfx/serving/api_rest"""
    half_plus_two = {
        "serving_default": Signature(
            {"x": Tensor("float32", ())}, {"y": Tensor("float32", ())}
        )
    }
    call = contract.parse_call(b'{"instances": [1.0,2.0,5.0]}', half_plus_two)
    y = call.inputs["x"] / 2 + 2
    assert json.loads(contract.answer(call, {"y": y})) == {
        "predictions": [2.5, 3.0, 4.5]
    }
    named = {
        "serving_default": Signature(
            {
                "tag": Tensor("string", ()),
                "signal": Tensor("int64", (5,)),
                "sensor": Tensor("int32", (2, 2)),
            },
            {},
        )
    }
    rows = b"""{"instances": [
      {"tag": "foo", "signal": [1, 2, 3, 4, 5], "sensor": [[1, 2], [3, 4]]},
      {"tag": "bar", "signal": [3, 4, 1, 2, 5], "sensor": [[4, 5], [6, 8]]}]}"""
    columns = b"""{"inputs": {"tag": ["foo", "bar"],
      "signal": [[1, 2, 3, 4, 5], [3, 4, 1, 2, 5]],
      "sensor": [[[1, 2], [3, 4]], [[4, 5], [6, 8]]]}}"""
    for body in (rows, columns):
        inputs = contract.parse_call(body, named).inputs
        assert inputs["tag"].tolist() == [b"foo", b"bar"]
        assert inputs["signal"][1].tolist() == [3, 4, 1, 2, 5]
        assert inputs["sensor"].shape == (2, 2, 2)


def test_numbers_become_float32():
    image = [[[0, 0.5, 1]] * 2] * 2
    call = parse(
        {
            "signature_name": "translate",
            "inputs": {"images": [image], "target_class": [0]},
        }
    )
    assert call.inputs["images"].shape == (1, 2, 2, 3)
    assert call.inputs["images"].dtype == np.float32


def test_base64_may_have_line_breaks_and_no_padding():
    for text in ("/wBw\naWN0dXJl", "/wA", " /wA=\r\n"):
        call = parse({"instances": [{**ROW, "image_bytes": {"b64": text}}]})
        assert call.inputs["image_bytes"][0].startswith(b"\xff\x00")


def with_row(**values):
    return {"instances": [{**ROW, **values}]}


def translate(images, target=0):
    inputs = {"images": images, "target_class": [target]}
    return {"signature_name": "translate", "inputs": inputs}


@pytest.mark.parametrize(
    "request_, words",
    [
        (b"", "Expected JSON"),
        (b"{", "Expected JSON"),
        (b"\xff\xfe\xfd", "Expected JSON"),
        (b"[" * 100_000, "Expected JSON"),
        (b'{"instances": ' + b"9" * 10_000 + b"}", "Expected JSON"),
        ([], "a JSON object. Received: an empty list"),
        ({}, "Received: neither"),
        ({"instances": [ROW], "inputs": {}}, "Received: both"),
        ({"instances": []}, "at least one row"),
        ({"instances": ROW}, "Received: an object of 3"),
        ({"instances": [3]}, "rows with image_bytes, target_class, seed"),
        ({"instances": [{"seed": 1}]}, "inputs image_bytes, seed, target_cl"),
        ({"inputs": [1]}, "an object with image_bytes"),
        ({"inputs": {"x": [1]}}, "Received: x"),
        ({"signature_name": "no", "inputs": {}}, "a signature out of serv"),
        ({"signature_name": 3, "inputs": {}}, "Received: 3"),
        ({"signature_name": [], "inputs": {}}, "Received: an empty list"),
        (with_row(target_class="3"), "int32 in target_class. Received: '3'"),
        (with_row(target_class=True), "Received: True"),
        (with_row(target_class=3.5), "Received: 3.5"),
        (with_row(target_class=None), "Received: None"),
        (with_row(target_class=[3]), "of shape [rows]"),
        (with_row(target_class=2**31), "beyond its range"),
        (with_row(seed=2**63), "beyond its range"),
        (with_row(seed=10**300), "beyond its range"),
        (with_row(image_bytes=3), 'image_bytes as {"b64": "..."}'),
        (with_row(image_bytes={"b64": "%"}), 'image_bytes as {"b64": "..."}'),
        (with_row(image_bytes={"b64": 3}), 'image_bytes as {"b64": "..."}'),
        (with_row(image_bytes={"b64": "", "x": 1}), "an object of 2"),
        (with_row(**{"\ud800\u2028": 1}), r"\ud800\u2028"),
        (translate(3), "a list of images"),
        (translate([3]), "images of shape [rows, 2, 2, 3]"),
        (translate([[[[0, 0, 0]], [[0, 0, 0]]]]), "Received: [1, 2, 1, 3]"),
        (translate([[[[0, 0, 0]] * 2, [[0, 0, 0]]]]), "of other depths"),
        (translate([[[[0, 0, []]] * 2] * 2]), "of other depths"),
        (translate([[[[0, 0, {}]] * 2] * 2]), "float32 in images"),
        (translate([[[[0, 0, 1e39]] * 2] * 2]), "finite numbers in images"),
        (translate([[[[0, 0, float("nan")]] * 2] * 2]), "finite numbers"),
        (translate([[[[0, 0, True]] * 2] * 2]), "Received: True"),
        (translate([[[[0, 0, 0]] * 2] * 2] * 2), "2 images, 1 target_class"),
        ({"signature_name": "sample_z", "inputs": []}, "at least one row"),
    ],
)
def test_what_is_no_call_is_refused_in_a_sentence(request_, words):
    found = refusal(parse, request_)
    assert found.reason is Reason.INVALID
    assert words in found.sentence and len(found.sentence) < 500


def test_answers_of_one_output_are_not_wrapped():
    picture = np.array([b"\x00\x01", b"\x02"], object)
    rows = contract.Call("serving_default", {"seed": np.arange(2)}, True)
    assert json.loads(contract.answer(rows, {"translated_bytes": picture})) == {
        "predictions": [{"b64": "AAE="}, {"b64": "Ag=="}]
    }
    columns = contract.Call("sample_z", {"seed": np.arange(2)}, False)
    z = np.array([[0.5, -1.0], [0.25, 2.0]], np.float32)
    assert json.loads(contract.answer(columns, {"z": z})) == {
        "outputs": [[0.5, -1.0], [0.25, 2.0]]
    }


def test_answers_of_several_outputs_have_names():
    outputs = {
        "z": np.array([[0.5, -1.0]], np.float32),
        "name": np.array([b"caf\xc3\xa9"], object),
    }
    rows = contract.Call("two", {"seed": np.arange(1)}, True)
    assert json.loads(contract.answer(rows, outputs)) == {
        "predictions": [{"z": [0.5, -1.0], "name": "caf\xe9"}]
    }
    columns = contract.Call("two", {"seed": np.arange(1)}, False)
    assert json.loads(contract.answer(columns, outputs)) == {
        "outputs": {"z": [[0.5, -1.0]], "name": ["caf\xe9"]}
    }


@pytest.mark.parametrize(
    "method, path, expected",
    [
        ("GET", "/v1/models/animals", ("status", "animals", None)),
        ("GET", "/V1/Models/Animals", ("status", "Animals", None)),
        ("GET", "/v1/models/a/versions/12", ("status", "a", 12)),
        ("GET", "/v1/models/a/metadata", ("metadata", "a", None)),
        ("GET", "/v1/models/a/versions/1/Metadata", ("metadata", "a", 1)),
        ("POST", "/v1/models/a:predict", ("predict", "a", None)),
        ("POST", "/v1/models/a/versions/1:PREDICT", ("predict", "a", 1)),
        ("POST", "/v1/models/a:classify", ("classify", "a", None)),
        ("POST", "/v1/models/a:regress", ("regress", "a", None)),
    ],
)
def test_paths(method, path, expected):
    target = contract.parse_path(method, path)
    assert (target.what, target.name, target.version) == expected


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/v1/models"),
        ("GET", "/v1/models/a:predict"),
        ("POST", "/v1/models/a"),
        ("POST", "/v1/models/a:generate"),
        ("POST", "/v1/models/a/versions/x:predict"),
        ("GET", "/v1/models/a/versions/1/metadata/x"),
        ("DELETE", "/v1/models/a"),
        ("GET", "/v1/models/a/versions/\u0661x"),
    ],
)
def test_other_paths_are_malformed_requests(method, path):
    found = refusal(contract.parse_path, method, path)
    assert found.reason is Reason.INVALID
    assert found.sentence.startswith(f"Malformed request: {method} /v1")


def test_labels_are_not_found():
    path = "/v1/models/a/labels/stable:predict"
    found = refusal(contract.parse_path, "POST", path)
    assert found.reason is Reason.NOT_FOUND and "'stable'" in found.sentence


def damaged(rng, body):
    kind = rng.randrange(4)
    at = rng.randrange(len(body))
    if kind == 0:
        return body[:at]
    if kind == 1:
        return body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]
    if kind == 2:
        end = rng.randrange(at, len(body))
        return body[:at] + body[end:]
    token = rng.choice([b"null", b"{}", b"[]", b"-1e999", b'"\\ud800"', b"[["])
    return body[:at] + token + body[at:]


def test_damaged_bodies_are_calls_or_refused():
    rng = random.Random(0)
    bodies = [
        json.dumps(each).encode()
        for each in (
            {"instances": [ROW, ROW]},
            translate([[[[0, 0.5, 1]] * 2] * 2]),
            {"signature_name": "sample_z", "inputs": {"seed": [1, 2]}},
        )
    ]
    refused = 0
    for _ in range(3000):
        body = damaged(rng, rng.choice(bodies))
        if rng.random() < 0.5 and body:
            body = damaged(rng, body)
        try:
            parse(body)
        except Refused as error:
            refused += 1
            assert error.reason is Reason.INVALID
            assert len(error.sentence) < 600
    assert 2000 < refused < 3000
