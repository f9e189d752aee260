"""A server in a process of its own, and a client that knows what was admitted.

With `Expect: 100-continue` the server asks for the body of a request that it
has admitted, and only of that: a connection that breaks before is nobody's
loss, one that breaks after is a request that was lost.
"""

import http.client
import json
import re
import socket
import threading
import time
from collections import Counter

from tests import processes

SECONDS = 300.0


class ServingProcess:
    """`python -m deepi2i_tf.serve` on free ports."""

    def __init__(self, *flags: str, fresh: bool = False) -> None:
        self.process = processes.start(
            "deepi2i_tf.serve", "--port=0", "--nogrpc", *flags, fresh=fresh
        )
        self.port = 0

    def wait_until_ready(self) -> "ServingProcess":
        end = time.monotonic() + SECONDS
        while not (found := re.search(r"http://.*:(\d+)/", self.said()[0])):
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end
            time.sleep(0.02)
        self.port = int(found[1])
        return self

    def said(self) -> tuple[str, str]:
        return self.process.said()


class Load:
    """Clients that send one request after the other until they cannot.

    Args:
        port: of the server.
        path: of `:predict`.
        request: the body.
        clients: as many threads.
    """

    def __init__(self, port: int, path: str, request: object, clients: int):
        self._address, self._path = ("127.0.0.1", port), path
        self._body = json.dumps(request).encode()
        self.counts, self.answers = Counter(), Counter()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._send_all) for _ in range(clients)
        ]
        for each in self._threads:
            each.start()

    def end(self) -> None:
        """Sends no more, and waits for what is on its way."""
        self._ended.set()
        for each in self._threads:
            each.join(SECONDS)

    def _send_all(self) -> None:
        while not self._ended.is_set():
            try:
                link = socket.create_connection(self._address, SECONDS)
            except OSError:
                self.counts["closed"] += 1
                return
            with link:
                self.counts[self._send(link)] += 1

    def _send(self, link: socket.socket) -> str:
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Length: {len(self._body)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        try:
            link.sendall(head.encode())
            told = link.recv(12)
        except OSError:
            return "not admitted"
        if not told.startswith(b"HTTP/1.1 100"):
            return f"refused {told[9:].decode()}" if told else "not admitted"
        try:
            while not told.endswith(b"\r\n\r\n"):
                told += link.recv(1)
            link.sendall(self._body)
            response = http.client.HTTPResponse(link)
            response.begin()
            answer = response.read()
        except (OSError, http.client.HTTPException):
            return "lost"
        if response.status == 200:
            self.answers[answer] += 1
        return f"admitted {response.status}"
