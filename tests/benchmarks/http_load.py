"""Clients of a server, as cheap as Python makes them; a process of their own.

    python -m tests.benchmarks.http_load PORT PATH BODY_FILE --clients=32 \
        --seconds=10
    python -m tests.benchmarks.http_load PORT PATH BODY_FILE --rate=200 \
        --seconds=20

With --clients each sends its next request when it has its answer (a closed
loop); with --rate requests are sent at even times, whatever comes back (an open
one), on connections that are kept and as many as it takes. The last line is
JSON: {"seconds", "sent", "late", "codes": {code: count}, "milliseconds":
{code: [p50, p99]}, "answers": {base64 of a body of a 200: count}, "broken"}.
"""

import argparse
import asyncio
import base64
import collections
import json
import pathlib
import time

LATE_SECONDS = 0.1


class Client(asyncio.Protocol):
    """One connection: a request on its way, or none."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._received = bytearray()
        self._missing = -1
        self._answer: asyncio.Future | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    async def send(self) -> tuple[int, bytes]:
        """Status and body; 0 where the connection broke."""
        self._received.clear()
        self._missing = -1
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(self._request)
        return await self._answer

    @property
    def is_open(self) -> bool:
        return not self._transport.is_closing()

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._missing < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            length = head.partition(b"content-length:")[2].split(None, 1)[0]
            self._missing = end + 4 + int(length)
            self._head = end + 4
        if len(self._received) >= self._missing and not self._answer.done():
            status = int(self._received[9:12])
            body = bytes(self._received[self._head :])
            self._answer.set_result((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result((0, b""))


class Load:
    """What was sent and what came back."""

    def __init__(self, requested: argparse.Namespace) -> None:
        body = pathlib.Path(requested.body).read_bytes()
        self._request = (
            f"POST {requested.path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body
        self._port = requested.port
        self.sent = self.late = 0
        self.times = collections.defaultdict(list)
        self.answers = collections.Counter()
        self._idle: list[Client] = []

    async def connect(self) -> Client:
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(
            lambda: Client(self._request), "127.0.0.1", self._port
        )
        return client

    async def one(self, client: Client) -> None:
        self.sent += 1
        begin = time.monotonic()
        status, body = await client.send()
        self.times[status].append(time.monotonic() - begin)
        if status == 200:
            self.answers[body] += 1

    async def closed(self, clients: int, seconds: float) -> None:
        end = time.monotonic() + seconds

        async def repeat() -> None:
            client = await self.connect()
            while time.monotonic() < end and client.is_open:
                await self.one(client)
            client.close()

        await asyncio.gather(*(repeat() for _ in range(clients)))

    async def open(self, rate: float, seconds: float) -> None:
        begin, running = time.monotonic(), set()
        for number in range(int(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self.late += time.monotonic() - due > LATE_SECONDS
            task = asyncio.ensure_future(self._on_any())
            running.add(task)
            task.add_done_callback(running.discard)
        await asyncio.gather(*running)
        for client in self._idle:
            client.close()

    async def _on_any(self) -> None:
        client = None
        while self._idle and client is None:
            kept = self._idle.pop()
            client = kept if kept.is_open else None
        client = client or await self.connect()
        await self.one(client)
        if client.is_open:
            self._idle.append(client)


def percentiles(times: list[float]) -> list[float]:
    ordered = sorted(times)
    return [
        round(1000 * ordered[min(len(ordered) - 1, int(q * len(ordered)))], 2)
        for q in (0.5, 0.99)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("body")
    parser.add_argument("--clients", type=int)
    parser.add_argument("--rate", type=float)
    parser.add_argument("--seconds", type=float, default=10.0)
    requested = parser.parse_args()
    load = Load(requested)
    begin = time.monotonic()
    if requested.rate:
        asyncio.run(load.open(requested.rate, requested.seconds))
    else:
        asyncio.run(load.closed(requested.clients, requested.seconds))
    told = {
        "seconds": time.monotonic() - begin,
        "sent": load.sent,
        "late": load.late,
        "codes": {str(k): len(v) for k, v in load.times.items() if k},
        "milliseconds": {str(k): percentiles(v) for k, v in load.times.items()},
        "answers": {
            base64.b64encode(k).decode(): v for k, v in load.answers.items()
        },
        "broken": len(load.times.get(0, ())),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
