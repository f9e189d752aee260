"""Tests of deepi2i_tf/serving/http/limits.py."""

import asyncio
import io
import struct
import zlib

import pytest
from PIL import Image

from deepi2i_tf.serving.http import limits
from deepi2i_tf.serving.http.errors import Reason, Refused


def png_head(width, height):
    """A PNG that says how large it is, and ends."""
    data = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + data + struct.pack(">I", zlib.crc32(data))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\0IDAT"


def reason_of(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return caught.value.reason


async def chunks_of(*chunks, wait=0.0):
    for chunk in chunks:
        await asyncio.sleep(wait)
        yield chunk


def read(body, length, chunks):
    async def work():
        with body.announced(length):
            return await body.read(chunks)

    return asyncio.run(work())


def test_a_body_holds_its_bytes_while_it_is_used():
    budget = limits.BodyBudget(10)
    body = limits.Body(budget, 8, 1.0)

    async def work():
        with body.announced(6):
            assert budget.held == 6
            assert await body.read(chunks_of(b"abc", b"def")) == b"abcdef"
            with (
                pytest.raises(Refused) as caught,
                limits.Body(budget, 8, 1.0).announced(5),
            ):
                pass
            assert caught.value.reason is Reason.BUSY
            assert caught.value.retry_after
            assert budget.held == 6

    asyncio.run(work())
    assert budget.held == 0


def test_a_body_of_unknown_length_holds_what_has_come():
    budget = limits.BodyBudget(6)
    assert read(limits.Body(budget, 5, 1.0), None, chunks_of(b"ab", b"c"))
    other = limits.Body(budget, 9, 1.0)
    chunks = chunks_of(b"abcd", b"efg")
    assert reason_of(read, other, None, chunks) is Reason.BUSY
    assert budget.held == 0


@pytest.mark.parametrize("length", [9, None])
def test_a_long_body_is_refused_by_its_length_or_as_it_comes(length):
    body = limits.Body(limits.BodyBudget(100), 8, 1.0)
    chunks = chunks_of(b"12345", b"6789")
    assert reason_of(read, body, length, chunks) is Reason.TOO_LARGE


def test_a_slow_body_is_refused():
    body = limits.Body(limits.BodyBudget(100), 8, 0.05)
    chunks = chunks_of(b"1", b"2", b"3", b"4", wait=0.03)
    assert reason_of(read, body, 4, chunks) is Reason.SLOW_BODY
    # A megabyte has a second more.
    long = limits.Body(limits.BodyBudget(10**6), 10**6, 0.05)
    assert read(long, 10**6, chunks_of(b"1", b"2", b"3", wait=0.03))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_pictures_are_measured_before_they_are_decoded(kind):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30)).save(buffer, kind)
    limits.check_picture(buffer.getvalue(), 1200)
    with pytest.raises(Refused, match="40 x 30"):
        limits.check_picture(buffer.getvalue(), 1199)


@pytest.mark.parametrize("side", [8000, 12_000, 20_000, 50_000])
def test_bombs_are_refused_by_their_first_bytes(side):
    refused = reason_of(limits.check_picture, png_head(side, side), 50e6)
    assert refused is Reason.INVALID


@pytest.mark.parametrize("other", [b"", b"abc", b"<svg/>", b"%PDF-1.7"])
def test_what_is_no_picture_is_refused(other):
    assert reason_of(limits.check_picture, other, 1e6) is Reason.INVALID


def test_a_damaged_picture_is_left_to_the_graph():
    limits.check_picture(b"\xff\xd8\xff\xe0damaged", 1e6)
