"""Tests of deepi2i_tf/serving/warmup.py."""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config.commands import SIGNATURES
from deepi2i_tf.serving import warmup
from tests.serving import tiny_translator

prediction_log_pb2 = pytest.importorskip(
    "tensorflow_serving.apis.prediction_log_pb2"
)


def _requests(folder):
    path = pathlib.Path(folder) / "assets.extra/tf_serving_warmup_requests"
    for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        assert log.WhichOneof("log_type") == "predict_log"
        yield log.predict_log.request


def test_every_request_runs_and_every_signature_has_one(exported):
    signatures = tf.saved_model.load(exported).signatures
    names = []
    for request in _requests(exported):
        names.append(request.model_spec.signature_name)
        function = signatures[names[-1]]
        inputs = {
            key: tf.constant(tf.make_ndarray(value))
            for key, value in request.inputs.items()
        }
        given = function.structured_input_signature[1]
        assert set(inputs) == set(given)
        assert all(inputs[k].dtype == given[k].dtype for k in given)
        (answer,) = function(**inputs).values()
        assert answer.shape[0] == 1
        if answer.dtype == tf.float32:
            assert np.isfinite(answer).all()
    assert set(names) == set(SIGNATURES) == set(signatures)
    assert len(names) == 5  # serving_default unpacks JPEG and PNG


def test_only_what_is_exported_is_asked_for(tmp_path):
    served = tiny_translator.serve(tiny_translator.build())
    warmup.write_requests(served, ("translate",), str(tmp_path))
    (request,) = _requests(tmp_path)
    assert request.model_spec.signature_name == "translate"
    # Grey in one number: a request of 512 pixels would be 3 MB.
    assert request.ByteSize() < 200


def test_without_the_package_one_sentence_says_so(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(warmup, "prediction_log_pb2", None)
    tiny_translator.export(str(tmp_path / "model"))
    said = capsys.readouterr().err
    assert "tensorflow-serving-api is not installed" in said
    assert said.count("\n") == 1
    assert (tmp_path / "model/saved_model.pb").exists()
    assert not (tmp_path / "model/assets.extra").exists()
