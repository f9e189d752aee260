"""What the writer of a prepared folder and its readers agree on."""

import os
import struct
import sys

MANIFEST = "manifest.json"
FORMAT = 1
# Every so many records training may enter a shard.
BLOCK_LENGTH = 64
# A record in a TFRecord file is its length (8 bytes) with a checksum (4), its
# content, and the content's checksum (4).
_LENGTH = struct.Struct("<Q")
_AROUND = 16


def scan_records(
    path: str | os.PathLike,
    block_length: int = BLOCK_LENGTH,
    most: int = sys.maxsize,
) -> tuple[list[int], int]:
    """Walks a TFRecord file from length to length, past the records.

    Args:
        path: of the file.
        block_length: records of a block.
        most: after so many records it gives up.

    Returns:
        The first byte of every block, and the number of records; -1 where
        the file does not end with one.
    """
    offsets, offset, records = [], 0, 0
    with open(path, "rb") as stream:
        descriptor = stream.fileno()
        end = os.fstat(descriptor).st_size
        while offset < end and records <= most:
            if records % block_length == 0:
                offsets.append(offset)
            head = os.pread(descriptor, _LENGTH.size, offset)
            length = _LENGTH.unpack(head)[0] if len(head) == 8 else end
            offset += length + _AROUND
            records += 1
    return offsets, records if offset == end else -1
