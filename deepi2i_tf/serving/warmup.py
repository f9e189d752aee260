"""Warm-up requests of an exported model.

A server that has loaded a model runs `assets.extra/tf_serving_warmup_requests`
before it takes anybody's requests: graphs are optimized and kernels chosen by
then. The file is TensorFlow Serving's: TFRecords of PredictionLog messages,
https://www.tensorflow.org/tfx/serving/saved_model_warmup. Its messages come
from tensorflow-serving-api, which is optional.
"""

import os
import sys
from collections.abc import Iterator, Sequence

import tensorflow as tf
from google.protobuf.message import Message

from deepi2i_tf.serving.signatures import ServedTranslator

try:
    from tensorflow_serving.apis import prediction_log_pb2
except ImportError:
    prediction_log_pb2 = None

FOLDER = "assets.extra"
FILE = "tf_serving_warmup_requests"


def write_requests(
    served: ServedTranslator, signatures: Sequence[str], folder: str
) -> None:
    """Writes a model's warm-up requests; without the package, says so."""
    if prediction_log_pb2 is None:
        print(
            "No warm-up requests were written, since tensorflow-serving-api "
            "is not installed; servers work without them, and pip install "
            "'deepi2i_tf[serve]' brings it.",
            file=sys.stderr,
        )
        return
    os.makedirs(os.path.join(folder, FOLDER))
    with tf.io.TFRecordWriter(os.path.join(folder, FOLDER, FILE)) as writer:
        for signature, inputs in _requests(served):
            if signature in signatures:
                log = prediction_log_pb2.PredictionLog()
                request = log.predict_log.request
                # No name: a server gives the model its own.
                request.model_spec.signature_name = signature
                for key, value in inputs.items():
                    request.inputs[key].CopyFrom(value)
                writer.write(log.SerializeToString())


def _requests(
    served: ServedTranslator,
) -> Iterator[tuple[str, dict[str, Message]]]:
    """Signature and inputs, a row each; grey pictures and a z of zeros."""
    side = served.resolution
    # Of another size than the model's, so that it is cut and resized.
    grey = tf.fill((side + 16, side + 32, 3), tf.constant(128, tf.uint8))
    number, seed = _tensor(0, tf.int32), _tensor(0, tf.int64)
    # One value stands for all of a tensor, so that the file stays small.
    images = _tensor(0.0, tf.float32, side, side, 3)
    z = _tensor(0.0, tf.float32, served.dim_z)
    for encode in (tf.io.encode_jpeg, tf.io.encode_png):
        photo = _tensor(encode(grey).numpy(), tf.string)
        yield (
            "serving_default",
            {"image_bytes": photo, "target_class": number, "seed": seed},
        )
    yield "translate", {"images": images, "target_class": number, "z": z}
    yield (
        "translate_mix",
        {
            "images": images,
            "first_class": number,
            "second_class": number,
            "amount": _tensor(0.5, tf.float32),
            "z": z,
        },
    )
    yield "sample_z", {"seed": seed}


def _tensor(value: object, dtype: tf.DType, *row: int) -> Message:
    return tf.make_tensor_proto(value, dtype, (1, *row))
