import os
import subprocess
import sys

import pytest

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config import Config
from deepi2i_tf.utils.errors import UserError
from tests import processes


@pytest.fixture(autouse=True)
def training_flags():
    flags.define("train")


def refuse():
    raise UserError("Expected a thing. Received: none. Bring one.")


def test_success_is_0(capsys):
    steps = []

    def main():
        steps.append(flags.read(Config).training.steps)

    assert command.call(main, ["--steps=3"]) == 0
    assert steps == [3]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("argument", ["--steps=0", "--stpes=3", "--steps=x"])
def test_wrong_flags_are_2_and_one_line(argument, capsys):
    assert command.call(lambda: flags.read(Config), [argument]) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "--help" in printed
    assert "Traceback" not in printed


def test_help_is_0_in_groups_even_beside_a_wrong_flag(capsys):
    assert command.call(refuse, ["--stpes=3", "--help"]) == 0
    printed = capsys.readouterr().out
    assert "usage: python -m" in printed
    assert "training:\n" in printed


def test_a_process_exits_with_the_code_and_without_a_traceback(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        '"""Trains nothing."""\n'
        "from deepi2i_tf.cli import command, flags\n"
        "from deepi2i_tf.config import Config\n"
        "flags.define('train')\n"
        "command.run(lambda: flags.read(Config))\n"
    )

    wrong = processes.run(str(script), "--ch=0")
    assert wrong.code == 2
    assert wrong.err.count("\n") == 1
    assert wrong.err.startswith("Expected --ch to be at least 1 ")
    assert "Traceback" not in wrong.err
    helped = processes.run(str(script), "--help")
    assert helped.code == 0
    assert helped.out.startswith("Trains nothing.")


KERAS = """
from deepi2i_tf.cli import command
from keras import config
print(config.backend(), config.floatx(), config.epsilon(),
      config.image_data_format(), config.max_epochs(),
      config.dtype_policy().name)
"""


def test_keras_is_the_same_whatever_its_settings_say(tmp_path):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(
        '{"floatx": "float64", "epsilon": 0.01, "backend": "torch",'
        ' "image_data_format": "channels_first"}'
    )
    said = subprocess.run(
        [sys.executable, "-c", KERAS],
        env=os.environ | {"HOME": str(tmp_path), "KERAS_MAX_EPOCHS": "1"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said == "tensorflow float32 1e-07 channels_last None float32\n"


# Each thread allocates once; malloc_info tells how many arenas that made.
COUNT = """
import ctypes, sys, threading
if sys.argv[1] == "bound":
    from deepi2i_tf.cli import command
together = threading.Barrier(24)
def work():
    together.wait()
    blocks = [bytearray(70_000) for _ in range(50)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


def num_arenas(how):
    done = subprocess.run(
        [sys.executable, "-c", COUNT, how],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.count("<heap nr=")


@pytest.mark.skipif(
    not hasattr(os, "confstr")
    or "glibc" not in os.confstr("CS_GNU_LIBC_VERSION"),
    reason="another C library than glibc",
)
def test_there_are_no_more_arenas_than_cores():
    cores = max(2, os.cpu_count())
    assert num_arenas("bound") <= cores < num_arenas("free")


def test_a_choice_of_the_users_stands(monkeypatch):
    monkeypatch.setenv("MALLOC_ARENA_MAX", "5")
    assert not command.limit_malloc_arenas()
