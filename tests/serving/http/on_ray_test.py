"""Two replicas on Ray, on loopback, one of which is killed under load."""

import os
import signal
import socket
import subprocess
import sys

import psutil
import pytest

pytest.importorskip("ray", reason="needs the extra ray")

from deepi2i_tf.serving.http import on_ray  # noqa: E402
from deepi2i_tf.utils.errors import UserError  # noqa: E402
from tests.processes import ROOT  # noqa: E402
from tests.serving import tiny_translator  # noqa: E402
from tests.serving.http import serving  # noqa: E402
from tests.serving.http.serving_process import Load  # noqa: E402

CLUSTER = """
import sys, ray
from ray import serve
from ray.serve.config import HTTPOptions
from deepi2i_tf.serving.http.on_ray import build

ray.init(address="local", num_cpus=2, include_dashboard=False)
port = int(sys.argv[1])
serve.start(http_options=HTTPOptions(host="127.0.0.1", port=port))
arguments = {"model": sys.argv[2], "replicas": "2", "num_cpus": "0.5"}
serve.run(build(arguments), name="animals", route_prefix="/")
print("served", flush=True)
sys.stdin.read()
serve.delete("animals")
serve.shutdown()
ray.shutdown()
"""
SECONDS = 120.0


def replica_pids() -> set[int]:
    """Processes that hold a replica; Ray names them."""
    return {
        process.pid
        for process in psutil.process_iter()
        if process.name().startswith("ray::ServeRepl")
    }


@pytest.mark.parametrize(
    "arguments, told",
    [
        ({"model": "animals", "replica": "2"}, "Received: replica"),
        ({"model": "animals", "replicas": "many"}, "whole number"),
        ({"model": "animals", "port": "80"}, "Received: port"),
        ({}, "exported/animals"),
    ],
)
def test_wrong_arguments_are_told(arguments, told):
    with pytest.raises(UserError, match=told):
        on_ray.build(arguments)


def test_without_tokens_nothing_starts(monkeypatch):
    monkeypatch.setenv(on_ray.AUTHENTICATION, "disabled")
    with pytest.raises(UserError, match="RAY_AUTH_MODE=token"):
        on_ray.build({"model": "animals"})


def test_arguments_come_as_text():
    made = on_ray._options(
        {"model": "/m/animals", "version": "3", "replicas": "2", "hosts": "a,b"}
    )
    options, replicas = made
    assert (options.model, options.model_name) == ("/m/animals/3", "animals")
    assert options.hosts == ("a", "b") and replicas.replicas == 2


@pytest.fixture
def port(tmp_path):
    """Of two replicas that serve animals."""
    tiny_translator.export(tmp_path / "animals" / "1")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    arguments = [CLUSTER, str(number), str(tmp_path / "animals")]
    with subprocess.Popen(
        [sys.executable, "-c", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    ) as cluster:
        try:
            said = iter(cluster.stdout.readline, "")
            assert any(line == "served\n" for line in said)
            yield number
        finally:
            cluster.stdin.close()
            assert cluster.wait(SECONDS) == 0


@pytest.mark.slow
def test_one_of_two_replicas_is_killed_under_load(port):
    row = serving.row(serving.photo_bytes(), 1)
    load = Load(
        port, "/v1/models/animals:predict", {"instances": [row]}, clients=4
    )
    try:
        serving.until(lambda: sum(load.answers.values()) > 20)
        before_kill = replica_pids()
        assert len(before_kill) == 2
        before = sum(load.answers.values())
        killed = min(before_kill)
        os.kill(killed, signal.SIGKILL)
        serving.until(lambda: sum(load.answers.values()) > before + 20)
    finally:
        load.end()
    # What was inside the one that died, and nothing else.
    lost = sum(n for what, n in load.counts.items() if what != "admitted 200")
    assert lost <= 4, load.counts
    assert len(load.answers) == 1  # The same picture, whoever made it.
    serving.until(lambda: len(replica_pids() - {killed}) == 2)
