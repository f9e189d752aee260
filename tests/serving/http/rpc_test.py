"""Tests of deepi2i_tf/serving/http/rpc.py by tensorflow-serving-api's stubs."""

import base64

import grpc
import numpy as np
import pytest
import tensorflow as tf
from grpc_health.v1 import health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    classification_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
)

from deepi2i_tf.serving.http import rpc
from deepi2i_tf.serving.http.errors import Refused
from deepi2i_tf.serving.http.versions import ModelVersion
from tests.serving.http.serving import photo_bytes, row

PHOTO = photo_bytes()


@pytest.fixture(scope="module")
def channel(served):
    address = f"127.0.0.1:{served.server.grpc_port}"
    with grpc.insecure_channel(address) as opened:
        yield opened


@pytest.fixture
def prediction(channel):
    return prediction_service_pb2_grpc.PredictionServiceStub(channel)


def request_of(signature="", name="animals", **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(value)
    return request


def photos(target=0, **values):
    return {
        "image_bytes": tf.make_tensor_proto([PHOTO]),
        "target_class": tf.make_tensor_proto([target], tf.int32),
        "seed": tf.make_tensor_proto([7], tf.int64),
    } | values


def error_of(call, *args, **kwargs):
    with pytest.raises(grpc.RpcError) as caught:
        call(*args, **kwargs)
    return caught.value.code().name, caught.value.details()


def test_predict_equals_rest_and_the_model(served, prediction, loaded):
    response = prediction.Predict(request_of(**photos(2)))
    spec = response.model_spec
    assert (spec.name, spec.version.value) == ("animals", 1)
    assert spec.signature_name == "serving_default"
    (made,) = tf.make_ndarray(response.outputs["translated_bytes"])
    (rest,) = served.predict({"instances": [row(PHOTO, 2, 7)]}).json[
        "predictions"
    ]
    assert made == base64.b64decode(rest["b64"])
    assert [made] == loaded.translate_files([PHOTO], [2], [7])


def test_other_signatures_versions_and_filters(prediction, loaded):
    request = request_of("sample_z", seed=tf.make_tensor_proto([3], tf.int64))
    request.model_spec.version.value = 1
    request.output_filter.append("z")
    z = tf.make_ndarray(prediction.Predict(request).outputs["z"])
    np.testing.assert_allclose(z, loaded.sample_z([3]), rtol=1e-6)


def test_errors_have_codes_and_sentences(prediction):
    def refused(request):
        return error_of(prediction.Predict, request)

    code, told = refused(request_of(**photos(3)))
    assert code == "INVALID_ARGUMENT"
    assert told.startswith("Expected target_class in 0..2") and "3" in told
    code, told = refused(request_of(name="other", **photos()))
    assert (code, told[:25]) == ("NOT_FOUND", "Expected the model animal")
    request = request_of(**photos())
    request.model_spec.version.value = 9
    assert refused(request)[0] == "NOT_FOUND"
    request = request_of(**photos())
    request.model_spec.version_label = "stable"
    assert refused(request)[0] == "NOT_FOUND"
    for bad in (
        request_of("nothing", **photos()),
        request_of(seed=tf.make_tensor_proto([7], tf.int64)),
        request_of(**photos(seed=tf.make_tensor_proto([7], tf.int32))),
        request_of(**photos(seed=tf.make_tensor_proto([7, 8], tf.int64))),
        request_of(**photos(seed=tf.make_tensor_proto(7, tf.int64))),
        request_of(**photos(image_bytes=tf.make_tensor_proto(["text"]))),
        request_of(**photos(image_bytes=predict_pb2.PredictRequest.
                            InputsEntry().value)),
    ):  # fmt: skip
        code, told = refused(bad)
        assert code == "INVALID_ARGUMENT" and told.startswith("Expected")
    request = request_of(**photos())
    request.output_filter.append("x")
    assert "translated_bytes" in refused(request)[1]


def test_bytes_that_are_no_message(channel):
    call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
    code, told = error_of(call, b"\xff\xff\xff")
    assert code == "INVALID_ARGUMENT" and "a PredictRequest" in told


def test_a_deadline_that_has_passed(prediction):
    request = request_of(**photos())
    code, _ = error_of(prediction.Predict, request, timeout=0.0001)
    assert code == "DEADLINE_EXCEEDED"


def test_metadata(prediction):
    request = get_model_metadata_pb2.GetModelMetadataRequest()
    request.model_spec.name = "animals"
    assert error_of(prediction.GetModelMetadata, request)[0] == (
        "INVALID_ARGUMENT"
    )
    request.metadata_field.append("signature_def")
    response = prediction.GetModelMetadata(request)
    assert response.model_spec.version.value == 1
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert response.metadata["signature_def"].Unpack(signatures)
    assert "translate_mix" in signatures.signature_def


def test_status_health_and_what_is_not_there(channel, prediction):
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "animals"
    stub = model_service_pb2_grpc.ModelServiceStub(channel)
    (told,) = stub.GetModelStatus(request).model_version_status
    assert (told.version, told.state) == (1, told.AVAILABLE)
    request.model_spec.name = "other"
    assert error_of(stub.GetModelStatus, request)[0] == "NOT_FOUND"
    health = health_pb2_grpc.HealthStub(channel)
    answer = health.Check(health_pb2.HealthCheckRequest())
    assert answer.status == answer.SERVING
    asked = classification_pb2.ClassificationRequest()
    assert error_of(prediction.Classify, asked)[0] == "UNIMPLEMENTED"


def write_warmup(version, *requests):
    path = version / rpc.WARMUP_FILE
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path)) as writer:
        for request in requests:
            log = prediction_log_pb2.PredictionLog()
            log.predict_log.request.CopyFrom(request)
            writer.write(log.SerializeToString())


class Calls(ModelVersion):
    def run(self, signature, inputs):
        self.__dict__.setdefault("calls", []).append((signature, inputs))
        return super().run(signature, inputs)


def test_warm_up_requests_of_the_model_are_replayed(exported, tmp_path):
    link = tmp_path / "1"
    link.mkdir()
    for name in ("saved_model.pb", "variables", "assets"):
        (link / name).symlink_to(f"{exported}/{name}")
    write_warmup(link, request_of(**photos(2)))
    version = Calls(str(link), 1)
    rpc.warm_by_requests(version)
    calls = dict(version.calls)
    assert calls["serving_default"]["image_bytes"].tolist() == [PHOTO]
    # Signatures without a request are called, too.
    assert set(calls) == set(version.signatures)
    # One that the model refuses makes the version one that does not load.
    write_warmup(link, request_of(name="x"))
    with pytest.raises(Refused, match="the inputs image_bytes"):
        rpc.warm_by_requests(version)
