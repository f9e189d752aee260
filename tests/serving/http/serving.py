"""A server in a thread, and a client that sees what came."""

import asyncio
import base64
import contextlib
import http.client
import io
import json
import threading
import time
from typing import Any, NamedTuple

from PIL import Image

from deepi2i_tf.config.commands import ServeOptions
from deepi2i_tf.serving.http.runner import ModelServer
from tests.serving import tiny_translator

SECONDS = 120.0


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Serving:
    """A server on free ports; a context manager."""

    def __init__(self, **flags: Any) -> None:
        defaults = {"port": 0, "grpc_port": 0, "poll_seconds": 0.1}
        self.server = ModelServer(ServeOptions(**{**defaults, **flags}))
        self.service = self.server.service
        self._loop = asyncio.new_event_loop()
        self.failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Serving":
        self._thread.start()
        until(lambda: self.service.ready or self.failed)
        if self.failed:
            raise self.failed
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self.server.request_stop)

    def wait(self) -> None:
        self._thread.join(SECONDS)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self.server.run())
        except BaseException as error:
            self.failed = error
        finally:
            self._loop.close()

    @contextlib.contextmanager
    def small_batches(self, rows: int):
        """Batches of few rows within the block."""
        before, self.service.queue.max_batch = (
            self.service.queue.max_batch,
            rows,
        )
        yield
        self.service.queue.max_batch = before

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(
            "127.0.0.1", self.server.port, timeout=SECONDS
        )

    def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> Answer:
        """One request on a connection of its own."""
        connection = self.connect()
        named = {k.replace("_", "-"): v for k, v in headers.items()}
        if isinstance(body, dict | list):
            body = json.dumps(body)
        try:
            connection.request(method, path, body, named)
            return answer_of(connection)
        finally:
            connection.close()

    def predict(self, request: Any, **headers: str) -> Answer:
        path = f"/v1/models/{self.service.name}:predict"
        return self.ask("POST", path, request, **headers)


def answer_of(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    named = {k.lower(): v for k, v in response.getheaders()}
    return Answer(response.status, named, response.read())


def until(condition, seconds: float = SECONDS) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def photo_bytes(kind: str = "JPEG", seed: int = 0, **save: Any) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(tiny_translator.photo(40, 60, seed))
    picture.save(buffer, kind, **save)
    return buffer.getvalue()


def row(encoded: bytes, target: int = 0, seed: int = 0) -> dict[str, Any]:
    text = base64.b64encode(encoded).decode()
    return {"image_bytes": {"b64": text}, "target_class": target, "seed": seed}
