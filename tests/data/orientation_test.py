"""Tests of deepi2i_tf/data/orientation.py."""

import io
import struct
import time
import warnings
import zlib

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from deepi2i_tf.data import orientation
from deepi2i_tf.utils import decoded_photo
from tests.data_prep.picture_files import TURNED, numbered

_XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="5"/></x:xmpmeta>'
_SHORT, _LONG, _TEXT = 3, 4, 2


@pytest.fixture(scope="module")
def read():
    spec = tf.TensorSpec((), tf.string)
    graph = tf.function(
        orientation.read_orientation, input_signature=[spec], autograph=False
    )
    return lambda stored: int(graph(tf.constant(stored)))


def _entry(order, tag, kind, value):
    place = "HH" if kind == _SHORT else "I"
    numbers = (value, 0) if kind == _SHORT else (value,)
    return struct.pack(f"{order}HHI{place}", tag, kind, 1, *numbers)


def _exif(*entries, order="<", directory=8):
    head = (b"II" if order == "<" else b"MM") + struct.pack(
        f"{order}HI", 42, directory
    )
    count = struct.pack(f"{order}H", len(entries))
    return head.ljust(directory, b"-") + count + b"".join(entries) + bytes(4)


def _saying(value, order="<", kind=_SHORT):
    return _exif(_entry(order, 0x0112, kind, value), order=order)


def _encoded(kind):
    buffer = io.BytesIO()
    Image.fromarray(numbered(16, 24)).save(buffer, kind)
    return buffer.getvalue()


def _segment(marker, payload):
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _jpeg(*segments):
    stored = _encoded("JPEG")
    return stored[:2] + b"".join(segments) + stored[2:]


def _jpeg_with(block):
    return _jpeg(_segment(0xE1, b"Exif\0\0" + block))


def _chunk(name, payload):
    checksum = struct.pack(">I", zlib.crc32(name + payload))
    return struct.pack(">I", len(payload)) + name + payload + checksum


def _png(*chunks, before=b"IDAT"):
    stored = _encoded("PNG")
    place = stored.index(before) - 4
    return stored[:place] + b"".join(chunks) + stored[place:]


def _webp(*chunks):
    blocks = _encoded("WEBP")[12:] + b"".join(
        name
        + struct.pack("<I", len(payload))
        + payload
        + b"\0" * (len(payload) % 2)
        for name, payload in chunks
    )
    return b"RIFF" + struct.pack("<I", len(blocks) + 4) + b"WEBP" + blocks


@pytest.mark.parametrize("kind", [_SHORT, _LONG])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("place", [0, 2, 5])
def test_the_tag_is_found_anywhere_in_either_order_of_bytes(
    read, order, place, kind
):
    entries = [_entry(order, 0x0100 + n, _LONG, n) for n in range(5)]
    for value in range(1, 9):
        ours = _entry(order, 0x0112, kind, value)
        block = _exif(
            *entries[:place], ours, *entries[place:], order=order, directory=31
        )
        assert read(_jpeg_with(block)) == value
        assert read(_png(_chunk(b"eXIf", block))) == value
        assert read(_webp((b"EXIF", block))) == value


def test_other_segments_and_padding_before_it_are_passed_over(read):
    photo = _jpeg(
        _segment(0xE0, b"JFIF\0" + bytes(9)),
        _segment(0xE1, b"Exif of another kind"),
        _segment(0xE2, b"ICC_PROFILE\0" + bytes(60_000)),
        b"\xff\xff",
        _segment(0xED, b"Photoshop 3.0\0Exif\0\0" + _saying(3)),
        _segment(0xFE, b""),
        _segment(0xE1, b"Exif\0\0" + _saying(6)),
    )
    assert read(photo) == 6
    assert read(_webp((b"ODD ", b"odd"), (b"EXIF", _saying(6)))) == 6
    assert read(_webp((b"EXIF", b"Exif\0\0" + _saying(6)))) == 6
    assert read(_png(_chunk(b"eXIf", _saying(6)), before=b"IEND")) == 6


def test_only_the_photo_s_own_block_counts(read):
    thumbnail = _jpeg_with(_saying(6))
    assert read(_encoded("JPEG") + thumbnail) == 1
    assert read(_jpeg(_segment(0xE2, thumbnail))) == 1
    assert read(_encoded("GIF") + thumbnail) == 1
    twice = _jpeg(
        _segment(0xE1, b"Exif\0\0" + _saying(6)),
        _segment(0xE1, b"Exif\0\0" + _saying(8)),
    )
    assert read(twice) == 6


def test_an_xmp_packet_tells_where_exif_does_not(read):
    in_jpeg = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _XMP)
    exif = _segment(0xE1, b"Exif\0\0" + _saying(8))
    silent = _segment(0xE1, b"Exif\0\0" + _exif(_entry("<", 1, _LONG, 9)))
    assert read(_jpeg(in_jpeg)) == 5
    assert read(_jpeg(silent, in_jpeg)) == 5
    assert read(_jpeg(in_jpeg, exif)) == 8
    text = b"XML:com.adobe.xmp" + bytes(5)
    element = b"<tiff:Orientation>3</tiff:Orientation>"
    assert read(_png(_chunk(b"iTXt", text + element))) == 3
    assert read(_png(_chunk(b"iTXt", text + "ä猫".encode() + _XMP))) == 5
    assert read(_webp((b"XMP ", _XMP))) == 5
    for packet in (b"", b"5", b"<tiff:Orientation>x", b"\xff\xfe" + _XMP[:9]):
        assert read(_webp((b"XMP ", packet))) == 1


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_values_that_mean_nothing_are_upright(read, value):
    assert read(_jpeg_with(_saying(value))) == 1


def _by_pillow(stored):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(stored)) as image:
            return decoded_photo.orientation(image)


def test_no_broken_block_is_an_error(read):
    block = _saying(6, ">")
    cut = [block[:length] for length in range(len(block))]
    random = np.random.default_rng(0)
    damaged = []
    for _ in range(100):
        noise = np.frombuffer(block, np.uint8).copy()
        noise[random.integers(len(noise), size=3)] = random.integers(256)
        damaged.append(noise.tobytes())
    huge = [
        b"II*\0\xff\xff\xff\xff",
        b"MM\0*\0\0\0\x08\xff\xff",
        _exif(struct.pack("<HHII", 0x0112, _TEXT, 2**32 - 1, 2**32 - 1)),
    ]
    for broken in [*cut, *damaged, *huge]:
        assert read(_jpeg_with(broken)) in range(1, 9)
    for broken in [*cut, *huge]:
        stored = _jpeg_with(broken)
        expected = _by_pillow(stored)
        assert read(stored) == (expected if expected in TURNED else 1)


def test_no_broken_file_is_an_error(read):
    whole = [
        _jpeg_with(_saying(6)),
        _png(_chunk(b"eXIf", _saying(6))),
        _webp((b"EXIF", _saying(6))),
    ]
    for stored in whole:
        for length in [*range(40), 60, len(stored) - 1]:
            assert read(stored[:length]) in (1, 6)
    assert read(b"RIFF0000WEBPEXIF\xff\xff\xff\xff") == 1


def test_a_file_of_nothing_but_empty_blocks_ends_soon(read):
    stored = b"\x89PNG\r\n\x1a\n" + _chunk(b"abCd", b"") * 1_000_000
    started = time.monotonic()
    assert read(stored) == 1
    assert time.monotonic() - started < 10


@pytest.mark.parametrize("value", TURNED)
def test_turns_as_the_tag_asks(value):
    stored = numbered(12, 12)
    np.testing.assert_array_equal(
        orientation.turn_upright(
            tf.constant(stored), tf.constant(value, tf.int64)
        ),
        TURNED[value](stored),
    )
