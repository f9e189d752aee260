"""Requests that are damaged in a body, a picture, a head or a query."""

import json
import random
import socket
from collections import Counter
from collections.abc import Iterator

from tests.serving.http.serving import photo_bytes, row

KINDS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
TOKENS = (
    b"null", b"{}", b"[]", b"-1e999", b'"\\ud800"', b"[[", b"\x00", b"\xff",
    b"9" * 5000, b"\r\n", b": ", b"true", b'{"b64":""}',
)  # fmt: skip
SECONDS, IMPATIENT = 60.0, 0.3
PREDICT = "/v1/models/{name}:predict"
PATHS = (
    PREDICT, "/v1/models/{name}/versions/1:predict", "/v1/models/{name}",
    "/v1/models/{name}/metadata", "/app/translate?class=0&seed=1",
    "/app/translate?class=0&to_class=1&amount=0.5&to_seed=2&z_amount=0.1",
    "/app/model", "/", "/static/index.html", "/healthz", "/readyz",
)  # fmt: skip


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Data that is cut, changed, shortened or has a token too many."""
    at = rng.randrange(len(data) + 1)
    kind = rng.randrange(4)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if kind == 2:
        return data[:at] + data[rng.randrange(at, len(data) + 1) :]
    return data[:at] + rng.choice(TOKENS) + data[at:]


def requests(rng: random.Random, name: str) -> Iterator[tuple[bytes, float]]:
    """Endlessly many, and seconds within which each must be answered.

    One with a damaged head may promise a body that does not come.
    """
    photos = [photo_bytes(kind) for kind in KINDS]
    while True:
        photo = rng.choice(photos)
        for _ in range(rng.randrange(4)):
            photo = damaged(rng, photo)
        path, method = rng.choice(PATHS), rng.choice(("GET", "POST", "POST"))
        if rng.random() < 0.5:
            path, method = PREDICT, "POST"
        body = photo
        if ":predict" in path:
            rows = [row(photo, rng.randrange(-1, 4), rng.randrange(9))]
            body = json.dumps({"instances": rows * rng.randrange(1, 4)})
            body = body.encode()
            if rng.random() < 0.5:
                body = damaged(rng, body)
        head = (
            f"{method} {path.format(name=name)} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Type: image/png\r\nContent-Length: {len(body)}\r\n"
        ).encode()
        patience = SECONDS
        if rng.random() < 0.2:
            head, patience = damaged(rng, head), IMPATIENT
        yield head + b"Connection: close\r\n\r\n" + body, patience


def send_all(port: int, name: str, count: int, seed: int) -> Counter:
    """Statuses of damaged requests; "" where the connection ended without.

    Raises:
        AssertionError: a defect of the server came through.
    """
    rng, statuses = random.Random(seed), Counter()
    for number, (request, patience) in enumerate(requests(rng, name)):
        if number == count:
            return statuses
        answer = exchange(port, request, patience)
        for said in (b"Traceback", b'File "', b"{{node", b"HTTP/1.1 500"):
            assert said not in answer, (request, answer)
        statuses[answer[9:12].decode()] += 1


def exchange(port: int, request: bytes, patience: float = 60.0) -> bytes:
    """All that is said to a request, by a server that ends the connection.

    Args:
        port: of the server.
        request: sent at once.
        patience: seconds; where nothing comes for as long, it is over.

    Raises:
        AssertionError: nothing came, for a minute.
    """
    said = b""
    with socket.create_connection(("127.0.0.1", port), patience) as link:
        try:
            link.sendall(request)
            while part := link.recv(1 << 16):
                said += part
        except TimeoutError:
            assert patience < SECONDS, request
        except OSError:  # reset
            pass
        return said
