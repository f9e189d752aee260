"""Tests of deepi2i_tf/serving/decode.py."""

import io

import numpy as np
import tensorflow as tf
from PIL import Image

from deepi2i_tf.serving import decode
from deepi2i_tf.utils import image_geometry
from tests.serving import tiny_translator


def _encode(pixels: np.ndarray, kind: str = "PNG", **keywords) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **keywords)
    return buffer.getvalue()


def _read(encoded: bytes, resolution: int = 32) -> np.ndarray:
    return decode.read_images(tf.constant([encoded]), resolution)[0].numpy()


def test_middle_square_is_cut_out():
    pixels = np.zeros((64, 96, 3), np.uint8)
    pixels[:, 16:80] = 255
    np.testing.assert_array_equal(_read(_encode(pixels)), np.ones((32, 32, 3)))


def test_an_odd_rest_is_cut_as_floor_does():
    pixels = np.zeros((32, 35, 3), np.uint8)
    pixels[:, 1:33] = 255
    np.testing.assert_array_equal(_read(_encode(pixels)), np.ones((32, 32, 3)))


def test_a_picture_of_the_right_size_is_untouched():
    pixels = tiny_translator.photo(32, 32)
    np.testing.assert_array_equal(
        image_geometry.to_uint8(_read(_encode(pixels))), pixels
    )


def test_first_frame_of_an_animation_is_read():
    frames = [Image.new("RGB", (32, 32), c) for c in ("white", "black")]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    assert _read(buffer.getvalue()).min() == 1.0


def test_sizes_may_differ_within_a_batch():
    files = [_encode(tiny_translator.photo(h, 40)) for h in (33, 64, 500)]
    images = decode.read_images(tf.constant(files), 16)
    assert images.shape == (3, 16, 16, 3)


def test_encode_png_is_lossless():
    pixels = tiny_translator.photo(32, 32)
    images = (pixels / 127.5 - 1.0).astype(np.float32)[None]
    encoded = decode.encode_png(tf.constant(images)).numpy()[0]
    np.testing.assert_array_equal(Image.open(io.BytesIO(encoded)), pixels)
