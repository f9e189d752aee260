"""Tests of deepi2i_tf/serving/http/service.py: admission and overload.

A server whose model waits until it is told to go on.
"""

import contextlib
import dataclasses
import http.client
import json
import re
import socket
import threading
import time

import pytest

from deepi2i_tf.serving.http.versions import ModelVersion
from tests.serving.http.serving import (
    Serving,
    answer_of,
    photo_bytes,
    row,
    until,
)

NAMED = "/v1/models/animals"
POST = f"POST {NAMED}:predict HTTP/1.1"
BODY = {"instances": [row(photo_bytes())]}


@pytest.fixture(scope="module")
def small(exported):
    """A server of few rows, short bodies and little patience."""
    with Serving(
        model=exported,
        name="animals",
        max_queued_rows=4,
        max_batch_size=2,
        max_request_mb=0.1,
        max_body_memory_mb=0.15,
        body_seconds=0.4,
        request_timeout=20.0,
        grpc=False,
    ) as server:
        yield server


@pytest.fixture
def held(monkeypatch):
    """Events: the model has begun a batch; it may go on."""
    begun, go_on = threading.Event(), threading.Event()
    run = ModelVersion.run

    def wait(self, signature, inputs):
        begun.set()
        assert go_on.wait(60)
        return run(self, signature, inputs)

    monkeypatch.setattr(ModelVersion, "run", wait)
    yield begun, go_on
    go_on.set()


@pytest.fixture
def with_options(small, monkeypatch):
    """Changes options of the running server."""

    def change(**options):
        changed = dataclasses.replace(small.service.options, **options)
        monkeypatch.setattr(small.service, "options", changed)

    return change


@contextlib.contextmanager
def sent(server, count, body=BODY):
    """Requests on their way; yields their answers, complete at the end."""
    answers = []

    def send():
        answers.append(server.predict(body))

    threads = [threading.Thread(target=send) for _ in range(count)]
    for each in threads:
        each.start()
    yield answers
    for each in threads:
        each.join()


def connect(server, length, *lines, begin=b"", line=POST):
    """A connection on which a head, and some of a body, was sent."""
    link = socket.create_connection(("127.0.0.1", server.server.port), 60)
    head = [
        line,
        "Host: localhost",
        *([f"Content-Length: {length}"] if length is not None else []),
        *lines,
    ]
    link.sendall("\r\n".join([*head, "", ""]).encode() + begin)
    return link


def read_answer(link):
    """Status, and what else came until the other side closed or waits."""
    response = http.client.HTTPResponse(link)
    response.begin()
    return response.status, dict(response.getheaders()), response.read()


def empty(server):
    until(lambda: server.service.queue.occupied == 0)
    return server.service.budget.held == 0


def test_a_full_queue_refuses_before_the_body_and_loses_nothing(small, held):
    begun, go_on = held
    with sent(small, 1) as first:
        assert begun.wait(60)
        with sent(small, 4) as waiting:
            until(lambda: small.service.queue.occupied == 4)
            # No byte of the body is sent, and none is asked for.
            with connect(small, 5000, "Expect: 100-continue") as link:
                status, told, _ = read_answer(link)
            assert status == 429 and int(told["retry-after"]) >= 1
            # A client that sends all sees its answer, and may go on.
            connection = small.connect()
            for path, code in ((f"{NAMED}:predict", 429), ("/healthz", 200)):
                method = "POST" if code == 429 else "GET"
                connection.request(method, path, b"x" * 90_000)
                assert answer_of(connection).status == code
            connection.close()
            go_on.set()
    assert [each.status for each in first + waiting] == [200] * 5
    assert empty(small)


def test_the_code_of_a_full_queue_can_be_503(small, held, with_options):
    with_options(overload_code=503)
    begun, _ = held
    with sent(small, 1):
        assert begun.wait(60)
        with sent(small, 4):
            until(lambda: small.service.queue.occupied == 4)
            assert small.predict(BODY).status == 503
            held[1].set()


def test_rows_wait_no_longer_than_the_timeout(small, held, with_options):
    with_options(request_timeout=0.2)
    begun, go_on = held
    with sent(small, 1) as first:
        assert begun.wait(60)
        late = small.predict(BODY)
        go_on.set()
    assert late.status == 504 and "deadline" in late.json["error"]
    assert first[0].status == 200  # it was running
    assert empty(small)


def test_rows_of_a_client_that_went_leave_the_queue(small, held):
    begun, go_on = held
    with sent(small, 1) as first:
        assert begun.wait(60)
        body = json.dumps(BODY).encode()
        with connect(small, len(body), begin=body):
            until(lambda: small.service.queue.occupied == 1)
        until(lambda: small.service.queue.occupied == 0)
        go_on.set()
    assert first[0].status == 200
    metrics = small.ask("GET", "/monitoring/prometheus/metrics").body
    assert b'{code="499",route="predict"} 1.0' in metrics


def test_a_visitor_of_the_page_that_went_leaves_room(small, held):
    begun, go_on = held
    photo = photo_bytes()
    path = "/app/translate?class=0&class=1&class=2"
    lines = f"POST {path} HTTP/1.1", "Content-Type: image/jpeg"
    with connect(small, len(photo), *lines[1:], begin=photo, line=lines[0]):
        assert begun.wait(60)
        until(lambda: small.service.queue.occupied >= 2)
    until(lambda: small.service.queue.occupied == 0)
    go_on.set()
    assert small.predict(BODY).status == 200
    assert empty(small)


def test_slow_senders_lose_their_place(small):
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        slow = [
            stack.enter_context(connect(small, 50, begin=b"{"))
            for _ in range(4)
        ]
        until(lambda: small.service.queue.occupied == 4)
        assert small.predict(BODY).status == 429
        for link in slow:
            status, told, body = read_answer(link)
            assert (status, told["connection"]) == (408, "close")
            assert b"within 0 s" in body
        assert small.predict(BODY).status == 200
    assert time.monotonic() - begin < 30
    assert empty(small)


def test_large_bodies_are_refused_by_length_and_as_they_come(small):
    with connect(small, 10**9, "Expect: 100-continue") as link:
        status, told, body = read_answer(link)
    assert (status, told["connection"]) == (413, "close")
    assert b"at most 100000 bytes" in body
    # Endless: the answer comes, although the client goes on sending.
    with connect(small, None, "Transfer-Encoding: chunked") as link:
        with contextlib.suppress(OSError):
            for _ in range(20):
                link.sendall(b"2710\r\n" + b"[" * 10_000 + b"\r\n")
        assert read_answer(link)[0] == 413
    assert empty(small)


def test_too_many_rows_now_and_ever(small, held):
    rows = BODY["instances"]
    answer = small.predict({"instances": rows * 5})
    assert answer.status == 413 and "at most 4 rows" in answer.json["error"]
    begun, go_on = held
    with sent(small, 1):
        assert begun.wait(60)
        with sent(small, 3):
            until(lambda: small.service.queue.occupied == 3)
            assert small.predict({"instances": rows * 2}).status == 429
            go_on.set()


def test_bytes_of_all_bodies_are_bounded(small):
    with connect(small, 90_000, begin=b"{"):
        until(lambda: small.service.budget.held == 90_000)
        long = small.ask("POST", f"{NAMED}:predict", b"x" * 70_000)
        assert long.status == 429 and "bytes at a time" in long.json["error"]
        assert small.predict(BODY).status == 200
    until(lambda: small.service.budget.held == 0)


def test_pictures_of_too_many_pixels(small, with_options, monkeypatch):
    monkeypatch.setattr(small.service, "max_pixels", 1000)
    answer = small.predict(BODY)
    assert answer.status == 400 and "40 x 60" not in answer.json["error"]
    assert "60 x 40" in answer.json["error"]
    page = small.ask(
        "POST",
        "/app/translate?class=0",
        photo_bytes(),
        Content_Type="image/jpeg",
    )
    assert page.status == 400 and "60 x 40 pixels" in page.json["error"]


def test_not_yet_ready_and_ending(small, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(small.service.versions, "current", None)
        for answer in (small.predict(BODY), small.ask("GET", "/app/model")):
            assert answer.status == 503 and answer.headers["retry-after"]
        assert small.ask("GET", "/readyz").status == 503
        assert small.ask("GET", "/healthz").status == 200
    with monkeypatch.context() as patch:
        patch.setattr(small.service, "draining", True)
        assert small.predict(BODY).status == 503
    assert small.predict(BODY).status == 200


def test_a_defect_is_a_number_that_stands_in_the_log(
    small, monkeypatch, caplog
):
    def fail(self, signature, inputs):
        raise RuntimeError("secret")

    monkeypatch.setattr(ModelVersion, "run", fail)
    answer = small.predict(BODY)
    assert answer.status == 500 and b"secret" not in answer.body
    (number,) = re.findall(r"number (\w+)", answer.json["error"])
    assert f"error {number}" in caplog.text and "secret" in caplog.text


def test_one_bad_row_of_a_batch_costs_its_sender_alone(small, held):
    begun, go_on = held
    bad = {"instances": [row(photo_bytes(), 99)]}
    with sent(small, 1) as first:
        assert begun.wait(60)
        with sent(small, 1, bad) as refused, sent(small, 1) as good:
            until(lambda: small.service.queue.occupied == 2)
            go_on.set()
    (picture,) = first[0].json["predictions"]
    assert refused[0].status == 400
    assert good[0].json["predictions"] == [picture]
