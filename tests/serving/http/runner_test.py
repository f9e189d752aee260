"""Tests of deepi2i_tf/serving/http/runner.py: start, bounds, end, versions."""

import json
import signal
import socket
import time

import pytest

from deepi2i_tf.serving.http import runner
from deepi2i_tf.utils.errors import UserError
from tests.serving import tiny_translator
from tests.serving.http.fuzz import exchange, send_all
from tests.serving.http.serving import Serving, photo_bytes, row, until
from tests.serving.http.serving_process import Load, ServingProcess

BODY = {"instances": [row(photo_bytes(), 1, 2)]}
PATH = "/v1/models/animals:predict"


@pytest.mark.parametrize("flag", ["port", "grpc_port"])
def test_a_port_in_use_is_told(exported, flag):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(UserError, match=f"--{flag}={port} to be free"),
            Serving(model=exported, **{flag: port}),
        ):
            pass


def test_a_model_that_does_not_load_ends_the_server(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"damaged")
    with (
        pytest.raises(UserError, match="a version of the model that loads"),
        Serving(model=str(tmp_path), grpc=False),
    ):
        pass


@pytest.mark.parametrize(
    "sent, words",
    [
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000, b"bytes of headers"),
        (b"\x16\x03\x01\x02\x00\x01\x00", b"Received: TLS. Use http://"),
        (b"GET /%ff\xff HTTP/1.1\r\n\r\n", b"an HTTP request"),
        (b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"an HTTP request"),
        (
            b"POST / HTTP/1.1\r\nContent-Length: 3\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"an HTTP request",
        ),
    ],
)
def test_heads_that_are_none_are_refused_in_a_sentence(served, sent, words):
    said = exchange(served.server.port, sent)
    assert said.startswith(b"HTTP/1.1 400 ") and b'{"error":"' in said
    assert words in said


def test_a_head_that_does_not_end_loses_its_connection(served, monkeypatch):
    monkeypatch.setattr(runner, "_HEAD_SECONDS", 0.2)
    begin = time.monotonic()
    address = "127.0.0.1", served.server.port
    with socket.create_connection(address, 60) as link:
        link.sendall(b"GET / HTTP/1.1\r\n")
        assert link.recv(1) == b""
    assert time.monotonic() - begin < 30


def test_damaged_requests_are_answered_without_a_defect(served):
    statuses = send_all(served.server.port, "animals", 400, seed=7)
    assert statuses["200"] > 20 and statuses["400"] > 100
    assert served.service.queue.occupied == served.service.budget.held == 0


def test_connections_are_bounded(exported):
    with Serving(model=exported, grpc=False, max_connections=2) as server:
        links = [
            socket.create_connection(("127.0.0.1", server.server.port), 60)
            for _ in range(2)
        ]
        until(lambda: len(server.server.server_state.connections) == 2)
        said = exchange(server.server.port, b"")
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"at most 2 connections" in said
        for link in links:
            link.close()


def test_sigterm_under_load_loses_no_admitted_request(exported):
    server = ServingProcess(f"--model={exported}", "--name=animals")
    server.wait_until_ready()
    load = Load(server.port, PATH, BODY, clients=8)
    until(lambda: load.counts["admitted 200"] > 20)
    server.process.send_signal(signal.SIGTERM)
    ended = server.process.wait(60)
    load.end()
    assert ended.code == 0, ended
    assert "Traceback" not in ended.err
    assert load.counts["lost"] == 0 and len(load.answers) == 1
    assert set(load.counts) <= {
        *("admitted 200", "refused 503", "not admitted", "closed")
    }
    assert load.counts["closed"] == 8


def test_a_second_signal_ends_it_at_once(exported):
    server = ServingProcess(f"--model={exported}", "--drain_seconds=600")
    server.wait_until_ready()
    server.process.send_signal(signal.SIGTERM)
    until(lambda: exchange_ready(server.port).startswith(b"HTTP/1.1 503"))
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(60).code == -signal.SIGTERM


def exchange_ready(port):
    return exchange(
        port, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )


def test_versions_are_swapped_under_load(tmp_path, exported):
    other = tmp_path / "other"
    tiny_translator.export(str(other), seed=1)
    folder = tmp_path / "animals"
    folder.mkdir()
    (folder / "1").symlink_to(exported)
    with Serving(model=str(folder), grpc=False, poll_seconds=0.1) as server:
        load = Load(server.server.port, PATH, BODY, clients=4)
        for number in (2, 3):
            until(lambda: load.answers)
            load.answers.clear()
            # The numbers alternate between two models.
            target = exported if number % 2 else other
            beside = folder / f".{number}"
            beside.symlink_to(target)
            beside.rename(folder / str(number))
            until(lambda n=number: server.service.versions.get().number == n)
        load.answers.clear()
        until(lambda: sum(load.answers.values()) > 20)
        load.end()
        assert set(load.counts) == {"admitted 200"}
        # After the last swap only the last model answers.
        expected = server.predict(BODY).body
        assert set(load.answers) >= {expected}
        told = json.loads(server.ask("GET", "/v1/models/animals").body)
        assert [s["state"] for s in told["model_version_status"]] == [
            "AVAILABLE",
            *["END"] * 2,
        ]
