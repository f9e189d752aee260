"""Bounds of what a request may bring: bytes, seconds, pixels.

Knows neither HTTP nor TensorFlow; bodies come as chunks of bytes.
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator, Iterator

from PIL import Image

from deepi2i_tf.serving.http.errors import Reason, Refused

MEGABYTE = 1_000_000
# How the files begin that the exported graph decodes.
_MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"BM", b"RIFF")
_GRAPH_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")


class BodyBudget:
    """Bytes that bodies which are read, or wait, hold together.

    Args:
        most: bytes; above it requests are refused as busy.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.held = 0

    def take(self, count: int) -> None:
        """Adds bytes to those held.

        Raises:
            Refused: there would be too many.
        """
        if self.held + count > self.most:
            raise Refused(
                Reason.BUSY,
                f"Expected bodies of at most {self.most} bytes at a time. "
                f"Received: {count} beside {self.held}. Try again.",
                retry_after=1,
            )
        self.held += count

    def give_back(self, count: int) -> None:
        """Takes bytes from those held."""
        self.held -= count


class Body:
    """The bytes of one request, and what they hold of a budget.

    Args:
        budget: shared by all requests.
        most: bytes of one body.
        seconds: to be there in, and one second more for each megabyte.
    """

    def __init__(self, budget: BodyBudget, most: int, seconds: float) -> None:
        self._budget = budget
        self._most = most
        self._seconds = seconds
        self._held = 0

    @contextlib.contextmanager
    def announced(self, length: int | None) -> Iterator[None]:
        """Holds the announced length while the block runs.

        Args:
            length: in bytes; None where the client does not say.

        Raises:
            Refused: too long, or too much together with others.
        """
        if length is not None and length > self._most:
            raise self._too_large(length)
        try:
            self._hold(length or 0)
            yield
        finally:
            self._budget.give_back(self._held)
            self._held = 0

    async def read(self, chunks: AsyncIterator[bytes]) -> bytes:
        """All of a body, within its bounds.

        Args:
            chunks: as they come.

        Raises:
            Refused: too long, too slow, or too much together with others.
        """
        loop = asyncio.get_running_loop()
        begin, received, size = loop.time(), [], 0
        try:
            async with asyncio.timeout_at(self._until(begin)) as timer:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > self._most:
                        raise self._too_large(size)
                    if size > self._held:
                        self._hold(size - self._held)
                        timer.reschedule(self._until(begin))
                    received.append(chunk)
        except TimeoutError as error:
            allowed = self._until(begin) - begin
            raise Refused(
                Reason.SLOW_BODY,
                f"Expected the body within {allowed:.0f} s. Received: {size} "
                "bytes in that time. Send it faster.",
                close=True,
            ) from error
        return received[0] if len(received) == 1 else b"".join(received)

    def _hold(self, count: int) -> None:
        self._budget.take(count)
        self._held += count

    def _until(self, begin: float) -> float:
        return begin + self._seconds + self._held / MEGABYTE

    def _too_large(self, size: int) -> Refused:
        return Refused(
            Reason.TOO_LARGE,
            f"Expected a body of at most {self._most} bytes. Received: "
            f"{size} or more. Send smaller pictures, or fewer at a time.",
            close=True,
        )


def check_picture(encoded: bytes, max_pixels: float) -> None:
    """Refuses an encoded picture by its first bytes, before it is decoded.

    What looks like a picture and cannot be read here is left to the graph,
    which has bounds and sentences of its own.

    Args:
        encoded: contents of a file.
        max_pixels: width times height.

    Raises:
        Refused: no picture, or too many pixels.
    """
    if not encoded.startswith(_MAGIC):
        raise Refused(
            Reason.INVALID,
            "Expected an image file: JPEG, PNG, WebP, GIF or BMP. Received: "
            + ("something else." if encoded else "no bytes."),
        )
    try:
        with Image.open(io.BytesIO(encoded), formats=_GRAPH_FORMATS) as image:
            width, height = image.size
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise _too_many_pixels(str(e), max_pixels) from e
    except Exception:  # Pillow's readers raise nearly anything
        return
    if width * height > max_pixels:
        raise _too_many_pixels(f"{width} x {height}", max_pixels)


def _too_many_pixels(received: str, max_pixels: float) -> Refused:
    return Refused(
        Reason.INVALID,
        f"Expected a picture of at most {max_pixels / 1e6:g} megapixels. "
        f"Received: {received}. Make it smaller.",
    )
