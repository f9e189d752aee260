"""Stops, swaps of versions, damaged requests and slow senders, many times.

    python -m tests.end_to_end.serving_soak --stops=200 --swaps=50 \
        --damaged=30000 --slow=64 --bombs=64

Stops: servers under load get SIGTERM at random moments; no request that was
admitted may be lost, none may be answered otherwise, and each server ends with
0. Swaps: versions of two models take turns under load; every answer must be
one of the two models' and, after the swap, the new one's. Damaged requests:
never a 500 or a trace, and memory stays. Slow senders: how long a good request
is shut out by connections that each send one byte. Bombs: memory grows by 50 MB
at most, whatever pictures and bodies promise. It ends with 1 where any of
that is not so.
"""

import argparse
import collections
import concurrent.futures
import contextlib
import io
import json
import pathlib
import random
import signal
import socket
import sys
import tempfile
import time
import urllib.request

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from PIL import Image

from tests.benchmarks.serving import memory_mb
from tests.serving import tiny_translator
from tests.serving.http import fuzz
from tests.serving.http.serving import photo_bytes, row
from tests.serving.http.serving_process import Load, ServingProcess

BODY = {"instances": [row(photo_bytes(), 1, 2)]}
PATH = "/v1/models/animals:predict"
ALLOWED = {"admitted 200", "refused 503", "not admitted", "closed"}
EVERY = 5000


def stops(model: str, count: int, rng: random.Random) -> None:
    total, answers = collections.Counter(), set()
    for number in range(count):
        server = ServingProcess(f"--model={model}", "--name=animals")
        server.wait_until_ready()
        load = Load(server.port, PATH, BODY, clients=rng.choice((1, 4, 16)))
        time.sleep(rng.uniform(0.0, 0.6))
        server.process.send_signal(signal.SIGTERM)
        ended = server.process.wait(60)
        load.end()
        total += load.counts
        answers |= set(load.answers)
        strange = set(load.counts) - ALLOWED
        if ended.code or strange or len(answers) > 1 or "Trace" in ended.err:
            sys.exit(f"stop {number}: {ended}, {load.counts}, {len(answers)}")
    print(f"{count} stops: {dict(total)}", flush=True)


def version_of(port: int) -> str:
    url = f"http://localhost:{port}/app/model"
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def swaps(models: list[str], count: int, rng: random.Random) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name, "animals")
        folder.mkdir()
        (folder / "1").symlink_to(models[1])
        flags = (f"--model={folder}", "--poll_seconds=0.1")
        server = ServingProcess(*flags).wait_until_ready()
        load = Load(server.port, PATH, BODY, clients=4)
        known = {}
        for number in range(2, count + 2):
            time.sleep(rng.uniform(0.2, 1.0))
            beside = folder / f".{number}"
            beside.symlink_to(models[number % 2])
            beside.rename(folder / str(number))
            while f'"version":"{number}"' not in version_of(server.port):
                time.sleep(0.02)
            time.sleep(0.5)  # what the old version still had
            load.answers.clear()
            while sum(load.answers.values()) < 10:
                time.sleep(0.02)
            found = set(load.answers)
            known.setdefault(number % 2, found)
            if len(found) > 1 or found != known[number % 2]:
                sys.exit(f"swap {number}: {len(found)} different answers")
        load.end()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(60).code
    if set(load.counts) != {"admitted 200"} or code or len(known) < 2:
        sys.exit(f"swaps: {load.counts}, {code}")
    print(f"{count} swaps: {dict(load.counts)}", flush=True)


def damaged(model: str, count: int) -> None:
    server = ServingProcess(f"--model={model}", "--name=animals")
    server.wait_until_ready()
    total, memory, done = collections.Counter(), [], 0
    while done < count:
        part = min(EVERY, count - done)
        total += fuzz.send_all(server.port, "animals", part, seed=done)
        done += part
        memory.append(memory_mb(server.process.pid))
    server.process.send_signal(signal.SIGTERM)
    ended = server.process.wait(60)
    if ended.code or "Traceback" in ended.err:
        sys.exit(f"damaged: {ended}")
    print(f"{count} damaged requests: {dict(total)}, MB {memory}", flush=True)


def slow(model: str, count: int) -> None:
    server = ServingProcess(f"--model={model}", "--name=animals")
    server.wait_until_ready()
    good = fuzz.PREDICT.format(name="animals")
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            address = "127.0.0.1", server.port
            link = stack.enter_context(socket.create_connection(address))
            head = f"POST {good} HTTP/1.1\r\nHost: localhost\r\n"
            link.sendall(f"{head}Content-Length: 99\r\n\r\n{{".encode())
        time.sleep(0.2)
        begin, refused = time.monotonic(), 0
        while True:
            load = Load(server.port, PATH, BODY, clients=1)
            time.sleep(0.05)
            load.end()
            if load.counts["admitted 200"]:
                break
            refused += sum(load.counts.values())
        spent = time.monotonic() - begin
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    if spent > 8.0:
        sys.exit(f"slow senders shut others out for {spent:.1f} s")
    print(f"{count} slow senders: {refused} refused, {spent:.1f} s", flush=True)


def bombs(model: str, count: int) -> None:
    """Pictures that grow, bodies that are too large, one without an end."""
    server = ServingProcess(f"--model={model}", "--name=animals")
    server.wait_until_ready()
    send_large(server.port, 1)
    buffer = io.BytesIO()
    Image.new("1", (8000, 8000)).save(buffer, "PNG")
    body = json.dumps({"instances": [row(buffer.getvalue())]}).encode()
    before, statuses = memory_mb(server.process.pid), collections.Counter()
    pathlib.Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")
    photo = buffer.getvalue()
    for _ in range(count):
        for path, sent in ((PATH, body), ("/app/translate?class=0", photo)):
            statuses[send_picture(server.port, path, sent)] += 1
    with concurrent.futures.ThreadPoolExecutor(count) as threads:
        sent = threads.map(send_large, [server.port] * count, [40] * count)
        statuses.update(sent)
    statuses[send_large(server.port, None)] += 1
    more = memory_mb(server.process.pid, "VmHWM") - before
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)
    if set(statuses) != {"400", "413"} or more > 50.0:
        sys.exit(f"bombs: {statuses}, {more:.0f} MB more")
    print(f"{count} bombs: {dict(statuses)}, {more:.0f} MB more", flush=True)


def send_picture(port: int, path: str, sent: bytes) -> str:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: image/png\r\nConnection: close\r\n"
        f"Content-Length: {len(sent)}\r\n\r\n"
    )
    return fuzz.exchange(port, head.encode() + sent)[9:12].decode()


def send_large(port: int, megabytes: int | None) -> str:
    """The status of a body of zeros; without an end where None is given."""
    address, zeros = ("127.0.0.1", port), b"0" * 1_000_000
    with socket.create_connection(address, 60) as link:
        length = f"Content-Length: {megabytes}000000"
        if megabytes is None:
            length = "Transfer-Encoding: chunked"
        head = f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n"
        with contextlib.suppress(OSError):
            link.sendall(head.encode())
            for _ in range(megabytes or 100):
                part = b"f4240\r\n%b\r\n" % zeros
                link.sendall(zeros if megabytes else part)
        return link.recv(12)[9:].decode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stops", type=int, default=200)
    parser.add_argument("--swaps", type=int, default=50)
    parser.add_argument("--damaged", type=int, default=30_000)
    parser.add_argument("--slow", type=int, default=64)
    parser.add_argument("--bombs", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    requested = parser.parse_args()
    rng = random.Random(requested.seed)
    with tempfile.TemporaryDirectory() as folder:
        models = [
            tiny_translator.export(f"{folder}/{seed}", seed) for seed in (0, 1)
        ]
        if requested.slow:
            slow(models[0], requested.slow)
        if requested.bombs:
            bombs(models[0], requested.bombs)
        if requested.damaged:
            damaged(models[0], requested.damaged)
        if requested.swaps:
            swaps(models, requested.swaps, rng)
        if requested.stops:
            stops(models[0], requested.stops, rng)


if __name__ == "__main__":
    main()
