import os
import pathlib

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


def interrupt():
    raise KeyboardInterrupt


def test_success_is_0(capsys):
    steps = []

    def main():
        steps.append(flags.read(Config).training.steps)

    assert command.call(main, ["--steps=3"]) == 0
    assert steps == [3]
    assert capsys.readouterr().err == ""


def test_a_refusal_is_1_and_one_line(capsys):
    assert command.call(refuse, []) == 1
    printed = capsys.readouterr()
    assert printed.err == "Expected a thing. Received: none. Bring one.\n"
    assert printed.out == ""


@pytest.mark.parametrize("argument", ["--steps=0", "--stpes=3", "--steps=x"])
def test_wrong_flags_are_2_and_one_line(argument, capsys):
    assert command.call(lambda: flags.read(Config), [argument]) == 2
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert "--help" in printed
    assert "Traceback" not in printed


def test_ctrl_c_is_130(capsys):
    assert command.call(interrupt, []) == 130
    assert capsys.readouterr().err == "Stopped by Ctrl-C.\n"


def test_silent_stderr_drops_what_bypasses_python(capfd):
    with command.silent_stderr():
        os.write(2, b"noise")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        command.call(lambda: 1 / 0, [])


def test_help_is_0_in_groups_even_beside_a_wrong_flag(capsys):
    assert command.call(refuse, ["--stpes=3", "--help"]) == 0
    printed = capsys.readouterr().out
    assert "usage: python -m" in printed
    assert "training:\n" in printed


ROOT = pathlib.Path(__file__).parents[2]
FULL = pathlib.Path("/dev/full")


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_output_onto_a_full_disk_is_1_and_one_line(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import os\n"
        "from deepi2i_tf.cli import command\n"
        f"os.dup2(os.open('{FULL}', os.O_WRONLY), 1)\n"
        "command.run(lambda: print('x' * 99, flush=True))\n"
    )
    ended = processes.run(str(script))
    assert ended.code == 1
    assert ended.err.count("\n") == 1
    assert "Expected room on the disk to write the output" in ended.err


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
