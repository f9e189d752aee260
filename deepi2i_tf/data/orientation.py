"""Turns photos upright inside TensorFlow graphs, as their bytes ask for it.

A camera stores what its sensor saw, and how it was held: EXIF's orientation, 1
to 8. It is read here from the EXIF block of JPEG (APP1), PNG (eXIf) and WebP
files or, where that does not tell, from their XMP packet, as Pillow does for
the commands. Nothing in these blocks is ever an error: a good photo with a
broken EXIF block is still a good photo.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from deepi2i_tf.data.file_bytes import (
    PADDING,
    has,
    padded_bytes,
    whole_number,
)

_UPRIGHT = 1
_NOT_FOUND = -1
_TAG, _SHORT, _LONG = 0x0112, 3, 4
_ENTRY_BYTES = 12
# The longest beginning of a block that is compared: an XMP packet's in a JPEG.
_HEAD_BYTES = 33
# So that a file of nothing but empty blocks holds no server up. A PNG writer
# puts 8 KB into each: 128 MB.
_MOST_BLOCKS = 1 << 14
_XMP_PATTERN = r'tiff:Orientation(?:="|>)([0-9])'


class _Container(NamedTuple):
    """How a format lays out its blocks; offsets count from a block's start."""

    first_block: int
    # What a byte counts towards the size of the payload, by its offset.
    size_weights: dict[int, int]
    payload_at: int
    # A payload ends at this offset and its size.
    end_without_size: int
    checksum_bytes: int
    alignment: int
    # What certain blocks begin with, by offset: those that are looked for, the
    # last that counts, and a byte of padding that belongs to no block.
    exif: dict[int, bytes]
    xmp: dict[int, bytes]
    last: dict[int, bytes]
    filler: dict[int, bytes]


_NEVER = {0: b"\xff" * _HEAD_BYTES}
_CONTAINERS = {
    b"\xff\xd8\xff": _Container(
        2, {2: 1 << 8, 3: 1}, 4, 2, 0, 1,
        exif={0: b"\xff\xe1", 4: b"Exif\0\0"},
        xmp={0: b"\xff\xe1", 4: b"http://ns.adobe.com/xap/1.0/\0"},
        last={0: b"\xff\xda"},
        filler={0: b"\xff\xff"},
    ),
    b"\x89PNG": _Container(
        8, {0: 1 << 24, 1: 1 << 16, 2: 1 << 8, 3: 1}, 8, 8, 4, 1,
        exif={4: b"eXIf"},
        xmp={4: b"iTXtXML:com.adobe.xmp\0"},
        last={4: b"IEND"},
        filler=_NEVER,
    ),
    b"RIFF": _Container(
        12, {4: 1, 5: 1 << 8, 6: 1 << 16, 7: 1 << 24}, 8, 8, 0, 2,
        exif={0: b"EXIF"},
        xmp={0: b"XMP "},
        last=_NEVER,
        filler=_NEVER,
    ),
}  # fmt: skip


def read_orientation(stored: tf.Tensor) -> tf.Tensor:
    """EXIF's orientation of a photo; 1, upright, where none can be read.

    Args:
        stored: string, (), bytes of any kind.

    Returns:
        int64, (), in 1..8.
    """
    data = padded_bytes(stored)

    def finder(container: _Container) -> Callable[[], tf.Tensor]:
        return lambda: _find(data, container)

    spans = tf.case(
        [
            (has(data, 0, signature), finder(container))
            for signature, container in _CONTAINERS.items()
        ],
        default=lambda: tf.zeros((2, 2), tf.int64),
    )
    exif, xmp = tf.unstack(spans)
    in_exif = _from_exif(data[exif[0] : exif[1]])
    in_xmp = _from_xmp(tf.strings.substr(stored, xmp[0], xmp[1] - xmp[0]))
    found = tf.where(in_exif == _NOT_FOUND, in_xmp, in_exif)
    return tf.where((found >= 1) & (found <= 8), found, _UPRIGHT)


def turn_upright(image: tf.Tensor, orientation: tf.Tensor) -> tf.Tensor:
    """Turns and mirrors a square picture that lies as it was stored.

    Args:
        image: (side, side, channels).
        orientation: int64, (), in 1..8.

    Returns:
        Of the same shape.
    """

    def is_one_of(*orientations: int) -> tf.Tensor:
        return tf.reduce_any(tf.constant(orientations, tf.int64) == orientation)

    image = tf.where(
        is_one_of(5, 6, 7, 8), tf.transpose(image, (1, 0, 2)), image
    )
    image = tf.where(is_one_of(2, 3, 6, 7), image[:, ::-1], image)
    return tf.where(is_one_of(3, 4, 7, 8), image[::-1], image)


def _find(data: tf.Tensor, container: _Container) -> tf.Tensor:
    """Begin and end of the first EXIF block and XMP packet, int64 (2, 2)."""
    size_of_file = tf.size(data, tf.int64) - PADDING
    weights = np.zeros(_HEAD_BYTES, np.int64)
    for place, weight in container.size_weights.items():
        weights[place] = weight
    marks = container.exif, container.xmp, container.last, container.filler
    expected, is_free = map(np.stack, zip(*map(_pattern, marks), strict=True))

    def step(at: tf.Tensor, spans: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        head = tf.ensure_shape(data[at : at + _HEAD_BYTES], (_HEAD_BYTES,))
        same = tf.reduce_all((head == expected) | is_free, axis=1)
        size = tf.reduce_sum(tf.cast(head, tf.int64) * weights)
        end = at + container.end_without_size + size
        span = tf.stack((at + container.payload_at, end))
        is_new = same[:2] & (spans[:, 1] == 0)
        spans = tf.where(
            is_new[:, tf.newaxis], tf.minimum(span, size_of_file), spans
        )
        after = end + container.checksum_bytes + size % container.alignment
        after = tf.where(same[2], size_of_file, after)
        return tf.where(same[3], at + 1, after), spans

    first = tf.constant(container.first_block, tf.int64)
    return tf.while_loop(
        lambda at, _: at < size_of_file,
        step,
        (first, tf.zeros((2, 2), tf.int64)),
        maximum_iterations=_MOST_BLOCKS,
    )[1]


def _pattern(mark: dict[int, bytes]) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of a block's head, and which of them may be any."""
    expected = np.zeros(_HEAD_BYTES, np.uint8)
    is_free = np.ones(_HEAD_BYTES, bool)
    for place, part in mark.items():
        expected[place : place + len(part)] = list(part)
        is_free[place : place + len(part)] = False
    return expected, is_free


def _from_exif(block: tf.Tensor) -> tf.Tensor:
    """The tag's value in the first directory of an EXIF block, int64 ()."""
    data = tf.concat((block, tf.zeros((PADDING,), tf.uint8)), axis=0)
    begin = tf.where(has(data, 0, b"Exif\0\0"), 6, 0)
    data, end = data[begin:], tf.size(block) - begin
    big_endian = has(data, 0, b"MM")
    is_known = big_endian | has(data, 0, b"II")
    is_known &= whole_number(data[2:4], big_endian) == 42
    directory = tf.cast(whole_number(data[4:8], big_endian), tf.int64)
    # Slices beyond the end are empty, and cut entries are left out.
    entries = data[:end][directory:]
    count = whole_number(entries[:2], big_endian)
    entries = entries[2 : 2 + count * _ENTRY_BYTES]
    whole = tf.size(entries) // _ENTRY_BYTES * _ENTRY_BYTES
    entries = tf.reshape(entries[:whole], (-1, _ENTRY_BYTES))

    def column(begin: int, end: int) -> tf.Tensor:
        return whole_number(entries[:, begin:end], big_endian)

    is_ours = (column(0, 2) == _TAG) & (column(4, 8) == 1) & is_known
    values = tf.concat(
        (
            tf.boolean_mask(column(8, 10), is_ours & (column(2, 4) == _SHORT)),
            tf.boolean_mask(column(8, 12), is_ours & (column(2, 4) == _LONG)),
            (_NOT_FOUND,),
        ),
        axis=0,
    )
    return values[0]


def _from_xmp(packet: tf.Tensor) -> tf.Tensor:
    """The orientation in an XMP packet, int64 ()."""
    digit = tf.strings.regex_replace(
        packet, rf"(?s)^.*?{_XMP_PATTERN}.*$", r"\1"
    )
    is_found = tf.strings.regex_full_match(digit, "[0-9]")
    is_found &= packet != digit
    return tf.strings.to_number(
        tf.where(is_found, digit, str(_NOT_FOUND)), tf.int64
    )
