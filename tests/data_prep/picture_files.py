"""Picture files written byte by byte, so that their colours are known."""

import contextlib
import os
import struct
import zlib

import numpy as np
from PIL import Image

# What the eight values of EXIF's orientation ask for, row 0 and column 0 of
# the stored picture standing at: top left, top right, bottom right, ...
TURNED = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: stored[::-1, ::-1].swapaxes(0, 1),
    8: lambda stored: np.rot90(stored, 1),
}


def _segment(marker, payload):
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _entropy_coded(values, num_blocks):
    """Each block: the step of the mean from the block before, then the end."""
    bits, before = "", [0] * len(values)
    for _ in range(num_blocks):
        for index, value in enumerate(values):
            step, before[index] = value - before[index], value
            size = abs(step).bit_length()
            bits += f"{size:04b}"
            if size:
                step += (step < 0) * (2**size - 1)
                bits += f"{step:0{size}b}"
            bits += "0"
    bits += "1" * (-len(bits) % 8)
    coded = int(bits, 2).to_bytes(len(bits) // 8, "big")
    return coded.replace(b"\xff", b"\xff\x00")


def flat_jpeg(samples, adobe_transform=None, side=16):
    """A baseline JPEG of one colour.

    Its samples are exact: a block's mean is stored in steps of 1 (quantiser
    8), and nothing else is.
    """
    frame = struct.pack(">BHHB", 8, side, side, len(samples))
    scan = bytes([len(samples)])
    for number in range(1, len(samples) + 1):
        frame += bytes([number, 0x11, 0])
        scan += bytes([number, 0])
    adobe = b""
    if adobe_transform is not None:
        payload = struct.pack(">5sHHHB", b"Adobe", 100, 0, 0, adobe_transform)
        adobe = _segment(0xEE, payload)
    # Nine sizes of a step, four bits each; the end of a block, one bit.
    sizes = b"\0" + bytes([0, 0, 0, 9]) + bytes(12) + bytes(range(9))
    end = b"\x10" + bytes([1]) + bytes(15) + b"\0"
    return (
        b"\xff\xd8"
        + adobe
        + _segment(0xDB, b"\0" + b"\x08" * 64)
        + _segment(0xC0, frame)
        + _segment(0xC4, sizes + end)
        + _segment(0xDA, scan + b"\0\x3f\0")
        + _entropy_coded([value - 128 for value in samples], (side // 8) ** 2)
        + b"\xff\xd9"
    )


def _chunk(name, data):
    body = name + data
    return (
        struct.pack(">I", len(data))
        + body
        + struct.pack(">I", zlib.crc32(body))
    )


def _png(height, width, bits, colour_type, rows, hole):
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    holes = struct.pack(f">{len(hole)}H", *hole)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + (_chunk(b"tRNS", holes) if hole else b"")
        + _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
        + _chunk(b"IEND", b"")
    )


def png16(values, hole=()):
    """A PNG of 16 bits per sample, from uint16 (height, width, channels)."""
    height, width, channels = values.shape
    colour_type = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    rows = [row.astype(">u2").tobytes() for row in values]
    return _png(height, width, 16, colour_type, rows, hole)


def grey_png_with_hole(bits, below, above, hole):
    """16 x 16 pixels of two greys of 1, 2 or 4 bits, one of them a hole."""
    rows = []
    for value in [above] * 8 + [below] * 8:
        packed = sum(value << shift for shift in range(0, 8, bits))
        rows.append(bytes([packed]) * (2 * bits))
    return _png(16, 16, bits, 0, rows, (hole,))


def numbered(height, width):
    """A picture of which no turn or mirror image looks like another."""
    rows, columns = np.indices((height, width))
    red, green = 255 * rows // height, 255 * columns // width
    return np.stack([red, green, 0 * rows], -1).astype(np.uint8)


def saved(folder, image, name="picture.png", **options):
    """Saves a Pillow image; returns the path."""
    path = folder / name
    image.save(path, **options)
    return path


def halves(mode, below, above):
    """16 x 16 pixels of two colours."""
    image = Image.new(mode, (16, 16), below)
    image.paste(above, (0, 0, 16, 8))
    return image


@contextlib.contextmanager
def without_rights():
    """Root may read everything, so a test that root runs steps down."""
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)
