"""Tests of deepi2i_tf/serving/http/app.py: routes and codes, over a socket."""

import base64
import json
import subprocess

import numpy as np
import pytest

from tests.serving import tiny_translator
from tests.serving.http.serving import photo_bytes, row

PHOTO = photo_bytes()
NAMED = "/v1/models/animals"


def pictures(predictions):
    return [base64.b64decode(each["b64"]) for each in predictions]


def test_rows_are_translated_as_the_model_does(served, loaded):
    photos = [photo_bytes(seed=seed) for seed in range(3)]
    rows = [row(photo, seed, 7) for seed, photo in enumerate(photos)]
    answer = served.predict({"instances": rows})
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    expected = loaded.translate_files(photos, [0, 1, 2], [7] * 3)
    assert pictures(answer.json["predictions"]) == expected


def test_columns_and_every_signature(served, loaded):
    z = loaded.sample_z([3])
    answer = served.predict(
        {"signature_name": "sample_z", "inputs": {"seed": [3]}}
    )
    np.testing.assert_allclose(answer.json["outputs"], z, rtol=1e-6)
    images = tiny_translator.photo(32, 32)[None] / np.float32(127.5) - 1
    inputs = {"images": images.tolist(), "z": z.tolist()}
    for name, classes, expected in (
        (
            "translate",
            {"target_class": [2]},
            loaded.translate(images, [2], z),
        ),
        (
            "translate_mix",
            {"first_class": [0], "second_class": [2], "amount": [0.25]},
            loaded.translate_mix(images, [0], [2], [0.25], z),
        ),
    ):
        answer = served.predict(
            {"signature_name": name, "inputs": inputs | classes}
        )
        assert answer.status == 200
        np.testing.assert_allclose(answer.json["outputs"], expected, atol=1e-5)


def test_status_and_metadata(served):
    for path in (NAMED, f"{NAMED}/versions/1", f"{NAMED.upper()[:-7]}animals"):
        assert served.ask("GET", path).json == {
            "model_version_status": [
                {
                    "version": "1",
                    "state": "AVAILABLE",
                    "status": {"error_code": "OK", "error_message": ""},
                }
            ]
        }
    told = served.ask("GET", f"{NAMED}/metadata").json
    assert told["model_spec"] == {
        "name": "animals",
        "signature_name": "",
        "version": "1",
    }
    signatures = told["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["seed"] == {
        "dtype": "DT_INT64",
        "tensor_shape": {
            "dim": [{"size": "-1", "name": ""}],
            "unknown_rank": False,
        },
        "name": "serving_default_seed:0",
    }
    method = "tensorflow/serving/predict"
    assert signatures["translate"]["method_name"] == method


@pytest.mark.parametrize(
    "method, path, code, words",
    [
        ("POST", f"{NAMED}:classify", 400, "signatures are of the kind pred"),
        ("POST", f"{NAMED}:regress", 400, "Use :predict"),
        ("GET", f"{NAMED}/labels/stable", 404, "no labels are set"),
        ("POST", f"{NAMED}/labels/stable:predict", 404, "no labels are set"),
        ("GET", "/v1/models", 400, "Malformed request: GET /v1/models"),
        ("PUT", f"{NAMED}:predict", 400, "Malformed request: PUT"),
        ("POST", "/v1/nothing", 400, "Malformed request: POST /v1/nothing"),
        ("GET", "/v1/models/other", 404, "Expected the model animals"),
        ("POST", "/v1/models/other:predict", 404, "Expected the model animal"),
        ("POST", f"{NAMED}/versions/7:predict", 404, "Expected version 1"),
        ("GET", f"{NAMED}/versions/7", 404, "a version out of 1"),
        ("GET", "/nothing", 404, "Try / or /v1/models/animals"),
        ("GET", "/static/../app.py", 404, "Expected"),
        ("GET", "/static/nothing.js", 404, "a file of the page"),
        ("POST", "/", 405, "another method"),
        ("GET", "/app/translate", 405, "POST for /app/translate"),
        ("DELETE", "/healthz", 405, "another method"),
    ],
)
def test_codes_of_paths(served, method, path, code, words):
    answer = served.ask(method, path, b"{}" if method == "POST" else None)
    assert answer.status == code
    assert words in answer.json["error"]
    assert ("allow" in answer.headers) == (code == 405)


@pytest.mark.parametrize(
    "request_, words",
    [
        ({"instances": [row(PHOTO, 3)]}, "Expected target_class in 0..2, the"),
        ({"instances": [row(b"text")]}, "Expected an image file"),
        ({"instances": [row(PHOTO[:200])]}, "Invalid JPEG data"),
        ({"instances": []}, "at least one row"),
        ("{", "Expected JSON"),
    ],
)
def test_bad_rows_are_told_in_a_sentence(served, request_, words):
    answer = served.predict(request_)
    assert answer.status == 400
    assert words in answer.json["error"]
    assert "node" not in answer.json["error"]


def test_hosts_and_origins(served):
    assert served.ask("GET", "/", Host="evil.example").status == 421
    assert served.ask("GET", "/healthz", Host="10.0.0.7:8501").status == 200
    body = {"instances": [row(PHOTO)]}
    answer = served.predict(body, Origin="http://evil.example")
    assert answer.status == 403
    own = f"http://127.0.0.1:{served.server.port}"
    assert served.predict(body, Origin=own).status == 200


def test_every_answer_has_the_headers_and_none_of_cors(served):
    for path in ("/", "/nothing", "/healthz", "/app/model", NAMED):
        told = served.ask("GET", path).headers
        assert "default-src 'none'" in told["content-security-policy"]
        assert told["x-content-type-options"] == "nosniff"
        assert told["referrer-policy"] == "no-referrer"
        assert not [name for name in told if name.startswith("access-")]


def test_health_and_metrics(served):
    assert served.ask("GET", "/healthz").body == b"ok\n"
    assert served.ask("GET", "/readyz").body == b"ready\n"
    served.ask("GET", "/secret-path")
    text = served.ask("GET", "/monitoring/prometheus/metrics").body.decode()
    for line in (
        'deepi2i_requests_total{code="200",route="predict"}',
        'deepi2i_rows_total{signature="serving_default"}',
        'deepi2i_model_version{state="AVAILABLE",version="1"} 1.0',
        'deepi2i_refused_total{reason="not_found"}',
        "deepi2i_batch_rows_bucket",
        "deepi2i_queue_seconds_sum",
        "deepi2i_model_seconds_sum",
        "deepi2i_request_seconds_sum",
        "deepi2i_queue_rows 0.0",
        "deepi2i_body_bytes 0.0",
        "process_resident_memory_bytes",
    ):
        assert line in text
    assert "secret" not in text


def test_curl_as_the_pages_say(served, tmp_path):
    (tmp_path / "body.json").write_text(json.dumps({"instances": [row(PHOTO)]}))
    url = f"http://localhost:{served.server.port}{NAMED}:predict"
    said = subprocess.run(
        ["curl", "-sS", "--fail", "-d", "@body.json", url],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    (picture,) = pictures(json.loads(said.stdout)["predictions"])
    assert picture.startswith(b"\x89PNG")
