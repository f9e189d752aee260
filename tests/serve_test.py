"""Tests of deepi2i_tf/serve.py: the command, its refusals, its words."""

import signal
import urllib.request

import pytest

from deepi2i_tf import serve
from deepi2i_tf.cli import command, flags
from tests.serving.http.serving_process import ServingProcess


def run(capsys, *arguments):
    flags.define("serve")
    code = command.call(serve.main, arguments)
    return code, capsys.readouterr().err


def test_the_command_serves_and_ends(exported):
    server = ServingProcess(f"--model={exported}").wait_until_ready()
    said, _ = server.said()
    assert "version 1, 3 classes at 32 px" in said
    url = said.splitlines()[-1]
    with urllib.request.urlopen(url, timeout=60) as page:
        assert page.status == 200
    server.process.send_signal(signal.SIGINT)
    ended = server.process.wait(60)
    assert ended.code == 0 and "Traceback" not in ended.err


@pytest.mark.parametrize(
    "flags_, words",
    [
        (["--model=nowhere"], "nowhere, which is no folder."),
        (["--model=tests"], "tests, which holds none."),
    ],
)
def test_a_folder_that_is_no_model_is_a_sentence(capsys, flags_, words):
    code, told = run(capsys, *flags_)
    assert code == 1 and words in told and told.count("\n") == 1


@pytest.mark.parametrize(
    "flags_, words",
    [
        ([], "Expected --model"),
        (["--model=x", "--port=70000"], "--port to be in 0..65535"),
        (["--model=x", "--host=0.0.0.0"], "--hosts beside a --host"),
        (["--model=x", "--name=a/b"], "a --name without / and :"),
        (["--model=x", "--overload_code=500"], "one of 429, 503"),
        (["--model=x", "--max_batch_size=99"], "--max_queued_rows to be at"),
        (["--model=x", "--max_request_mb=999"], "--max_body_memory_mb to be"),
    ],
)
def test_wrong_flags(capsys, flags_, words):
    code, told = run(capsys, *flags_)
    assert code == 2 and words in told


def test_without_its_packages_it_says_which(capsys, monkeypatch):
    monkeypatch.setattr(serve, "runner", None)
    code, told = run(capsys, "--model=x")
    assert code == 1 and "pip install 'deepi2i_tf[serve]'" in told
