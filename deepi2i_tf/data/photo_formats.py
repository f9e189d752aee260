"""Encoded photos -> RGB of any size, inside TensorFlow graphs.

TensorFlow's decoders give what a file stores: transparent parts with whatever
colour lies under them, palettes as numbers. What is wanted is what Pillow
shows: every pixel's colour, and white where there is none.
"""

import tensorflow as tf

from deepi2i_tf.data.file_bytes import PADDING, has, padded_bytes, whole_number

# Pillow's own bound: 89 million pixels, a quarter of a gigabyte as RGB.
MAX_PIXELS = (1 << 30) // 12
_PNG = b"\x89PNG\r\n\x1a\n"
_GIF_TABLE_AT = 13
_WEBP_FLAGS_AT = 20
_UNKNOWN = -1
_COLOUR_TYPE_AT, _GREY, _RGB = 25, 0, 2


def decode_any(stored: tf.Tensor) -> tf.Tensor:
    """Decodes a photo of any format that TensorFlow reads.

    Args:
        stored: string, (): JPEG, PNG, WebP, GIF, BMP; of moving ones the
            first frame.

    Returns:
        uint8, (height, width, 3), RGB.

    Raises:
        tf.errors.InvalidArgumentError: none of them, damaged, or of more than
            `MAX_PIXELS`.
    """
    data = padded_bytes(stored)
    with tf.control_dependencies(_check_size(stored, data)):
        stored = tf.identity(stored)
    return tf.case(
        [
            (tf.io.is_jpeg(stored), lambda: decode_jpeg(stored)),
            (has(data, 0, _PNG), lambda: lay_on_white(decode_png(stored))),
            (has(data, 0, b"BM"), lambda: _decode_bmp(stored, data)),
            (has(data, 0, b"GIF8"), lambda: _decode_gif(stored, data)),
        ],
        default=lambda: lay_on_white(_decode_webp(stored, data)),
    )


def decode_jpeg(stored: tf.Tensor) -> tf.Tensor:
    """Decodes one JPEG to the pixels that Pillow gives.

    TensorFlow's default is a cruder transform, 0.8 of 255 away in the mean
    and not faster.
    """
    return tf.io.decode_jpeg(stored, channels=3, dct_method="INTEGER_ACCURATE")


def decode_png(stored: tf.Tensor) -> tf.Tensor:
    """Decodes one PNG, and nothing else, to its colours and their alpha.

    Returns:
        uint8, (height, width, 1 to 4).
    """
    # Other formats would be read too, some of them wrongly, and a moving WebP
    # would abort the process; nothing at all is the error that is wanted.
    is_png = tf.strings.substr(stored, 0, len(_PNG)) == _PNG
    png = tf.where(is_png, stored, "")
    head = padded_bytes(tf.strings.substr(png, 0, _COLOUR_TYPE_AT + 1))
    colour_type = head[_COLOUR_TYPE_AT]
    # Only if asked for four channels TensorFlow looks for a colour that stands
    # for a hole. Palettes and alpha channels come right by themselves.
    return tf.cond(
        (colour_type == _GREY) | (colour_type == _RGB),
        lambda: _decode_with_hole(png),
        lambda: tf.io.decode_png(png, channels=0),
    )


def lay_on_white(pixels: tf.Tensor) -> tf.Tensor:
    """Removes an alpha channel; white shows where it was transparent.

    Args:
        pixels: uint8, (height, width, channels), the colours being one
            channel or three, with or without an alpha channel behind them.

    Returns:
        uint8, (height, width, 3).
    """
    height, width, channels = tf.unstack(tf.shape(pixels))
    num_colours = channels - (channels + 1) % 2
    colours = tf.broadcast_to(pixels[..., :num_colours], (height, width, 3))
    # Of no channel at all if there is no alpha: the smallest of none is 255.
    alpha = pixels[..., num_colours:]
    return tf.cond(
        tf.reduce_min(alpha) == 255,
        lambda: colours,
        lambda: _mix_with_white(colours, alpha),
    )


def _mix_with_white(colours: tf.Tensor, alpha: tf.Tensor) -> tf.Tensor:
    # 255 - (255 - colour) * alpha / 255, rounded, without a division and in
    # half the memory that float32 would take.
    darkness = tf.cast(255 - colours, tf.uint16) * tf.cast(alpha, tf.uint16)
    darkness += 128
    eight = tf.constant(8, tf.uint16)
    darkness += tf.bitwise.right_shift(darkness, eight)
    return 255 - tf.cast(tf.bitwise.right_shift(darkness, eight), tf.uint8)


def _decode_with_hole(png: tf.Tensor) -> tf.Tensor:
    pixels = tf.io.decode_png(png, channels=4)
    colours, alpha = pixels[..., :3], pixels[..., 3:]
    # Of a picture of few bits, opaque is as much as fits into them.
    return tf.concat((colours, tf.cast(alpha > 0, tf.uint8) * 255), axis=-1)


def _decode(stored: tf.Tensor) -> tf.Tensor:
    return tf.io.decode_image(stored, channels=0, expand_animations=False)


def _decode_bmp(stored: tf.Tensor, data: tf.Tensor) -> tf.Tensor:
    """Decodes a BMP, whose palette and masks TensorFlow does not look at."""
    pixels = _decode(stored)
    header = whole_number(data[14:18])
    is_indexed = whole_number(data[28:30]) == 8
    has_alpha = (header >= 56) & (whole_number(data[30:34]) == 3)
    has_alpha &= whole_number(data[66:70]) > 0

    def look_up() -> tf.Tensor:
        palette = tf.reshape(data[14 + header :][: 256 * 4], (-1, 4))
        return tf.gather(palette[:, 2::-1], tf.cast(pixels[..., 0], tf.int32))

    return tf.cond(
        is_indexed,
        look_up,
        lambda: tf.cond(
            has_alpha,
            lambda: lay_on_white(pixels),
            lambda: lay_on_white(pixels[..., :3]),
        ),
    )


def _decode_webp(stored: tf.Tensor, data: tf.Tensor) -> tf.Tensor:
    """Decodes a WebP; a moving one without alpha would abort the process."""
    flags = whole_number(data[_WEBP_FLAGS_AT : _WEBP_FLAGS_AT + 1])
    is_moving = has(data, 12, b"VP8X") & (flags // 2 % 2 > 0)
    moving_with_alpha = bytes([0x02 | 0x10])
    return _decode(
        tf.cond(
            is_moving,
            lambda: _replace(stored, _WEBP_FLAGS_AT, moving_with_alpha),
            lambda: stored,
        )
    )


def _decode_gif(stored: tf.Tensor, data: tf.Tensor) -> tf.Tensor:
    """Decodes a GIF whose hole, black to TensorFlow, is made white before."""
    control, image = _find_gif_blocks(data)
    image_flags = whole_number(data[image + 9 : image + 10])
    table = tf.where(image_flags >= 1 << 7, image + 10, _GIF_TABLE_AT)
    entry = table + 3 * whole_number(data[control + 6 : control + 7])
    has_hole = (control > 0) & (
        whole_number(data[control + 3 : control + 4]) % 2 > 0
    )

    def fill() -> tf.Tensor:
        white = _replace(stored, entry, b"\xff\xff\xff")
        return _replace(white, control + 3, b"\0")

    return _decode(tf.cond(has_hole, fill, lambda: stored))


def _find_gif_blocks(data: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Where the first picture stands, and the last control block before it."""
    flags = whole_number(data[10:11])
    two_colours = tf.constant(2 * 3, tf.int64)
    table_size = tf.where(
        flags >= 1 << 7, tf.bitwise.left_shift(two_colours, flags % 8), 0
    )

    def step(
        at: tf.Tensor, control: tf.Tensor, is_inside: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        # An extension is a chain of blocks, each behind its length.
        length = whole_number(data[at : at + 1])
        is_control = ~is_inside & has(data, at, b"\x21\xf9")
        after = tf.where(is_inside, at + 1 + length, at + 2)
        control = tf.where(is_control, at, control)
        return after, control, ~is_inside | (length > 0)

    at, control, _ = tf.while_loop(
        lambda at, _, is_inside: (
            (at < tf.size(data, tf.int64) - PADDING)
            & (is_inside | has(data, at, b"\x21"))
        ),
        step,
        (_GIF_TABLE_AT + table_size, tf.constant(0, tf.int64), False),
    )
    return control, at


def _replace(stored: tf.Tensor, at: tf.Tensor | int, new: bytes) -> tf.Tensor:
    size = tf.strings.length(stored)
    at = tf.minimum(tf.cast(at, tf.int32), size)
    after = tf.minimum(at + len(new), size)
    return tf.strings.join(
        (
            tf.strings.substr(stored, 0, at),
            new,
            tf.strings.substr(stored, after, size),
        )
    )


def _check_size(stored: tf.Tensor, data: tf.Tensor) -> list[tf.Operation]:
    """Refuses a picture for its size before its pixels are unpacked."""
    width, height = tf.unstack(_stored_size(stored, data))
    is_known = tf.debugging.Assert(
        width >= 0,
        [
            "Expected an image file: JPEG, PNG, WebP, GIF or BMP. "
            "Received: something else.",
        ],
    )
    is_small = tf.debugging.Assert(
        width * height <= MAX_PIXELS,
        [
            f"Expected an image of at most {MAX_PIXELS} pixels. Received, "
            "width and height:",
            width,
            height,
        ],
    )
    return [is_known, is_small]


def _stored_size(stored: tf.Tensor, data: tf.Tensor) -> tf.Tensor:
    """Width and height as a file's head tells them, int64 (2,)."""

    def two(begin: int, end: int, big_endian: bool = False) -> tf.Tensor:
        digits = tf.reshape(data[begin:end], (2, -1))
        return whole_number(digits, big_endian)

    def in_jpeg() -> tf.Tensor:
        shape = tf.io.extract_jpeg_shape(stored, tf.int32)
        return tf.cast(shape[1::-1], tf.int64)

    def in_lossless_webp() -> tf.Tensor:
        bits = whole_number(data[21:25])
        return tf.stack((bits % (1 << 14), bits // (1 << 14) % (1 << 14))) + 1

    def in_bmp() -> tf.Tensor:
        # A negative height says that the upper rows come first.
        sizes = tf.bitcast(tf.reshape(data[18:26], (2, 4)), tf.int32)
        return tf.abs(tf.cast(sizes, tf.int64))

    return tf.case(
        [
            (tf.io.is_jpeg(stored), in_jpeg),
            (has(data, 0, _PNG), lambda: two(16, 24, big_endian=True)),
            (has(data, 0, b"GIF8"), lambda: two(6, 10)),
            (has(data, 0, b"BM"), in_bmp),
            (has(data, 12, b"VP8X"), lambda: two(24, 30) + 1),
            (has(data, 12, b"VP8 "), lambda: two(26, 30) % (1 << 14)),
            (has(data, 12, b"VP8L"), in_lossless_webp),
        ],
        default=lambda: tf.constant((_UNKNOWN, 0), tf.int64),
    )
