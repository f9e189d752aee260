"""Tests of deepi2i_tf/serving/signatures.py."""

import io

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.config.commands import SIGNATURES
from deepi2i_tf.serving.signatures import (
    ServedTranslator,
    encode_png,
    read_images,
)
from deepi2i_tf.utils import image_geometry
from tests.serving import tiny_translator

_SIDE = tiny_translator.RESOLUTION


@pytest.fixture(scope="module")
def translator():
    return tiny_translator.build()


@pytest.fixture(scope="module")
def signatures(translator):
    served = ServedTranslator(translator, _SIDE, 3, tiny_translator.DIM_Z)
    return served.named_signatures()


def _encode(pixels: np.ndarray, kind: str = "PNG", mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(buffer, kind)
    return buffer.getvalue()


def _decode(encoded: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(encoded)))


def _batch(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    images = random.uniform(-1, 1, (count, _SIDE, _SIDE, 3))
    z = random.normal(size=(count, tiny_translator.DIM_Z))
    return images.astype(np.float32), z.astype(np.float32)


def _ints(*values: int) -> tf.Tensor:
    return tf.constant(values, tf.int32)


def _seeds(*values: int) -> tf.Tensor:
    return tf.constant(values, tf.int64)


def test_serving_default_comes_first(signatures):
    assert tuple(signatures) == SIGNATURES
    assert SIGNATURES[0] == "serving_default"


def test_translate_equals_the_translator(signatures, translator):
    images, z = _batch(3)
    labels = _ints(2, 0, 1)
    served = signatures["translate"](images, labels, z)["images"]
    expected = translator(images, z=z, labels=labels, training=False)
    np.testing.assert_allclose(served, expected, atol=1e-6)


def test_batch_of_one_equals_its_row_of_a_batch(signatures):
    images, z = _batch(3)
    together = signatures["translate"](images, _ints(2, 0, 1), z)["images"]
    alone = signatures["translate"](images[1:2], _ints(0), z[1:2])["images"]
    np.testing.assert_allclose(alone[0], together[1], atol=1e-6)


@pytest.mark.parametrize("amount, same_as", [(0.0, 0), (1.0, 2)])
def test_ends_of_a_mix_are_the_classes(signatures, amount, same_as):
    images, z = _batch(2)
    mixed = signatures["translate_mix"](
        images, _ints(0, 0), _ints(2, 2), tf.constant([amount] * 2), z
    )["images"]
    pure = signatures["translate"](images, _ints(same_as, same_as), z)["images"]
    np.testing.assert_allclose(mixed, pure, atol=1e-6)


def test_middle_of_a_mix_is_the_middle_embedding(signatures, translator):
    images, z = _batch(1)
    mixed = signatures["translate_mix"](
        images, _ints(0), _ints(2), tf.constant([0.25]), z
    )["images"]
    table = translator.generator.shared.embeddings.numpy()
    embedding = (0.75 * table[0] + 0.25 * table[2])[None]
    expected = translator(images, z=z, embedding=embedding, training=False)
    np.testing.assert_allclose(mixed, expected, atol=1e-6)


def test_serving_default_translates_files_of_mixed_sizes_and_kinds(signatures):
    files = [
        _encode(tiny_translator.photo(50, 80, 1), "JPEG"),
        _encode(tiny_translator.photo(32, 32, 2), "PNG"),
        _encode(tiny_translator.photo(24, 20, 3), "GIF"),
        _encode(tiny_translator.photo(64, 33, 4), "BMP"),
        _encode(tiny_translator.photo(40, 40, 5), "PNG", mode="L"),
    ]
    answer = signatures["serving_default"](
        tf.constant(files), _ints(0, 1, 2, 0, 1), _seeds(0, 1, -5, 2**62, 4)
    )
    assert list(answer) == ["translated_bytes"]
    for encoded in answer["translated_bytes"].numpy():
        assert encoded.startswith(b"\x89PNG")
        assert _decode(encoded).shape == (_SIDE, _SIDE, 3)


def test_serving_default_is_translate_between_decode_and_encode(signatures):
    pixels = tiny_translator.photo(_SIDE, _SIDE)
    answer = signatures["serving_default"](
        tf.constant([_encode(pixels)]), _ints(1), _seeds(7)
    )["translated_bytes"]
    z = signatures["sample_z"](_seeds(7))["z"]
    images = (pixels / 127.5 - 1.0).astype(np.float32)[None]
    expected = signatures["translate"](images, _ints(1), z)["images"]
    np.testing.assert_array_equal(
        _decode(answer.numpy()[0]), image_geometry.to_uint8(expected)[0]
    )


def test_z_of_a_seed_does_not_depend_on_the_batch(signatures):
    together = signatures["sample_z"](_seeds(3, 4, 5))["z"]
    alone = signatures["sample_z"](_seeds(4))["z"]
    np.testing.assert_array_equal(alone[0], together[1])
    assert not np.allclose(together[0], together[1])


def test_z_is_standard_normal(signatures):
    z = signatures["sample_z"](tf.range(2000, dtype=tf.int64))["z"].numpy()
    # 12,000 draws: the mean's standard error is 0.009.
    assert abs(z.mean()) < 0.04
    assert abs(z.std() - 1.0) < 0.04


@pytest.mark.parametrize("bad", [3, -1])
def test_class_out_of_range_is_an_error(signatures, bad):
    images, z = _batch(2)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Expected target_class in 0..2"
    ):
        signatures["translate"](images, _ints(0, bad), z)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Expected second_class in 0..2"
    ):
        signatures["translate_mix"](
            images, _ints(0, 0), _ints(0, bad), tf.zeros(2), z
        )


def test_unlike_batch_sizes_are_an_error(signatures):
    images, z = _batch(2)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Expected as many z as images"
    ):
        signatures["translate"](images, _ints(0, 1), z[:1])


def test_empty_batch_is_an_error(signatures):
    images, z = _batch(0)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="Expected at least one image"
    ):
        signatures["translate"](images, tf.zeros((0,), tf.int32), z)


def test_bytes_that_are_no_picture_are_an_error(signatures):
    with pytest.raises(tf.errors.InvalidArgumentError, match="image file"):
        signatures["serving_default"](
            tf.constant([b"not a picture"]), _ints(0), _seeds(0)
        )


def _read_one(encoded: bytes, resolution: int = 32) -> np.ndarray:
    return read_images(tf.constant([encoded]), resolution)[0].numpy()


def test_middle_square_is_cut_out():
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, 16:80] = 255
    np.testing.assert_array_equal(
        _read_one(_encode(pixels)), np.ones((32, 32, 3))
    )


def test_an_odd_rest_is_cut_as_floor_does():
    pixels = np.zeros((32, 35, 3), np.uint8)
    pixels[:, 1:33] = 255
    np.testing.assert_array_equal(
        _read_one(_encode(pixels)), np.ones((32, 32, 3))
    )


def test_a_picture_of_the_right_size_is_untouched():
    pixels = tiny_translator.photo(32, 32)
    np.testing.assert_array_equal(
        image_geometry.to_uint8(_read_one(_encode(pixels))), pixels
    )


def test_first_frame_of_an_animation_is_read_one():
    frames = [Image.new("RGB", (32, 32), c) for c in ("white", "black")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert _read_one(buffer.getvalue()).min() == 1.0


def test_sizes_may_differ_within_a_batch():
    files = [_encode(tiny_translator.photo(h, 40)) for h in (33, 64, 500)]
    images = read_images(tf.constant(files), 16)
    assert images.shape == (3, 16, 16, 3)


def test_encode_png_is_lossless():
    pixels = tiny_translator.photo(32, 32)
    images = (pixels / 127.5 - 1.0).astype(np.float32)[None]
    encoded = encode_png(tf.constant(images)).numpy()[0]
    np.testing.assert_array_equal(Image.open(io.BytesIO(encoded)), pixels)
