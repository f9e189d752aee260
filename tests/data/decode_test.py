import numpy as np
import pytest
import tensorflow as tf
import tensorflow_datasets as tfds

from deepi2i_tf.data import decode
from deepi2i_tf.data.prepared import read_manifest
from tests.data import prepared_set, tfds_set


def _records(*indices, pose=True, encoding="png"):
    return tf.constant(
        [prepared_set.example(i, pose, encoding) for i in indices]
    )


def _prepared(tmp_path, encoding):
    return read_manifest(
        prepared_set.write_prepared(tmp_path, encoding=encoding)
    )


@pytest.mark.parametrize("encoding", ["raw", "png"])
def test_decodes_every_feature(tmp_path, encoding):
    examples = decode.decode_records(
        _records(3, 7, encoding=encoding),
        decode.FEATURES,
        _prepared(tmp_path, encoding),
    )
    assert set(examples) == {"image", "label", "id", "pose"}
    expected = [prepared_set.picture(i) for i in (3, 7)]
    np.testing.assert_array_equal(examples["image"], expected)
    assert examples["image"].dtype == tf.uint8
    assert examples["label"].dtype == tf.int32
    assert examples["label"].numpy().tolist() == [0, 1]
    assert examples["id"].numpy().tolist() == [b"picture-3", b"picture-7"]
    np.testing.assert_allclose(
        examples["pose"][0], [3.0, 3.1, 3.2, 3.3, 3.4], rtol=1e-6
    )


def test_parses_only_what_is_asked_for():
    examples = decode.parse_records(
        _records(3, pose=False), ("label", "image", "another")
    )
    assert set(examples) == {"image", "label"}
    assert examples["image"].dtype == tf.string


def test_reads_jpeg_and_grey_as_rgb():
    grey = tf.fill([8, 8, 1], tf.constant(90, tf.uint8))
    encoded = tf.stack([tf.io.encode_jpeg(grey), tf.io.encode_png(grey)])
    images = decode.decode_images(encoded, "jpeg", 8)
    np.testing.assert_array_equal(images, np.full((2, 8, 8, 3), 90))


def test_parses_features_of_other_names():
    examples = decode.parse_records(
        _records(3, 4, pose=False), ("label", "image"), {"image": "id"}
    )
    assert examples["image"].numpy().tolist() == [b"picture-3", b"picture-4"]
    assert examples["label"].numpy().tolist() == [0, 1]


def test_photos_of_any_size_become_squares():
    stored = tf.constant([tfds_set.photo(index) for index in range(12)])
    images = tf.function(decode.decode_images)(stored, "photo", 16)
    assert images.shape[1:] == (16, 16, 3)
    assert tfds_set.indices_of(images) == list(range(12))


def test_another_size_is_an_error():
    encoded = tf.io.encode_png(tf.zeros([4, 8, 3], tf.uint8))[None]
    with pytest.raises(tf.errors.InvalidArgumentError):
        tf.function(decode.decode_images)(encoded, "png", 8)
    for pixels in ([bytes(3)], [bytes(8 * 8 * 3), bytes(3)], [bytes(384)]):
        with pytest.raises(tf.errors.InvalidArgumentError):
            tf.function(decode.decode_images)(tf.constant(pixels), "raw", 8)


@pytest.mark.parametrize("encoding", ["raw", "png"])
def test_reads_what_tfds_writes(tmp_path, encoding):
    image = tfds.features.Image(shape=(8, 8, 3))
    if encoding == "raw":
        image = tfds.features.Tensor(
            shape=(8, 8, 3),
            dtype=np.uint8,
            encoding=tfds.features.Encoding.BYTES,
        )
    features = tfds.features.FeaturesDict(
        {
            "image": image,
            "label": tfds.features.ClassLabel(names=["cat", "dog", "elk"]),
            "id": tfds.features.Text(),
            "pose": tfds.features.Tensor(shape=(5,), dtype=np.float32),
        }
    )
    written = {
        "image": prepared_set.picture(4),
        "label": "dog",
        "id": "picture-4",
        "pose": np.arange(5, dtype=np.float32),
    }
    record = features.serialize_example(written)
    examples = decode.decode_records(
        tf.constant([record]), decode.FEATURES, _prepared(tmp_path, encoding)
    )
    np.testing.assert_array_equal(examples["image"][0], written["image"])
    assert examples["label"].numpy().tolist() == [1]
    assert examples["id"].numpy().tolist() == [b"picture-4"]
    np.testing.assert_array_equal(examples["pose"][0], written["pose"])
