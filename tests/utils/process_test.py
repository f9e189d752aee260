import os
import pathlib
import subprocess
import sys

import pytest

from deepi2i_tf.utils import process
from deepi2i_tf.utils.errors import UserError, WrongFlags

FULL = pathlib.Path("/dev/full")
SCRIPT = '''"""Does something."""
import sys
from deepi2i_tf.utils import process
def main():
    print(sorted({"tensorflow", "keras", "absl"} & set(sys.modules)))
    print(eval(sys.argv[1]))
process.run(main, lambda arguments: None, lambda: "flags")
'''


def call(main, *arguments, parse=lambda arguments: None):
    return process.call(main, arguments, parse, lambda: "the flags")


def refuse():
    raise UserError("Expected a thing. Received: none. Bring one.")


def interrupt():
    raise KeyboardInterrupt


def run(expression, **options):
    return subprocess.run(
        [sys.executable, "-c", SCRIPT, expression],
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        **options,
    )


def test_success_is_0_and_the_command_comes_after_parsing(capsys):
    order = []
    assert call(lambda: order.append("main"), "a", parse=order.append) == 0
    assert order == [("a",), "main"]
    assert capsys.readouterr() == ("", "")


def test_a_refusal_is_1_and_one_line(capsys):
    assert call(refuse) == 1
    assert capsys.readouterr() == (
        "",
        "Expected a thing. Received: none. Bring one.\n",
    )


def test_wrong_flags_are_2_and_name_help(capsys):
    def parse(arguments):
        raise WrongFlags("Expected flags only.")

    assert call(refuse, "more", parse=parse) == 2
    printed = capsys.readouterr().err
    assert printed == "Expected flags only. --help lists the flags.\n"


def test_ctrl_c_is_130(capsys):
    assert call(interrupt) == 130
    assert capsys.readouterr().err == "Stopped by Ctrl-C.\n"


def test_a_defect_keeps_its_traceback():
    with pytest.raises(ZeroDivisionError):
        call(lambda: 1 / 0)


@pytest.mark.parametrize("parse", [lambda _: None, refuse])
def test_an_argument_that_is_no_utf_8_is_2_and_one_line(parse, capsys):
    assert call(refuse, "--run_dir=caf\udce9", parse=parse) == 2
    printed = capsys.readouterr().err
    assert printed == (
        r"Expected a name in UTF-8. Received: --run_dir=caf\xe9. "
        "Rename the file or folder. --help lists the flags.\n"
    )


def test_a_working_folder_that_is_no_utf_8_is_2(tmp_path, monkeypatch, capsys):
    folder = os.fsencode(tmp_path) + b"/caf\xe9"
    os.mkdir(folder)
    monkeypatch.chdir(folder)
    assert call(refuse) == 2
    assert r"caf\xe9. Rename" in capsys.readouterr().err


def test_a_working_folder_that_is_gone_is_2(tmp_path, monkeypatch, capsys):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert call(refuse) == 2
    assert "one that is gone" in capsys.readouterr().err


def test_help_is_0_even_beside_a_wrong_flag(capsys):
    assert call(refuse, "--stpes=3", "--help", parse=refuse) == 0
    printed = capsys.readouterr().out
    assert "usage: python -m" in printed
    assert printed.endswith("the flags\n")


def test_flags_are_listed_by_heading():
    assert process.list_flags({"A": [("size=N", "How large.")]}) == (
        "A:\n  --size=N\n      How large.\n"
    )


def test_silent_stderr_drops_what_bypasses_python(capfd):
    with process.silent_stderr():
        os.write(2, b"noise")
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
def test_output_onto_a_full_disk_is_1_and_one_line():
    with FULL.open("w") as full:
        ended = run("'x' * 99", stdout=full)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Expected room on the disk to write the output" in ended.stderr


def test_output_that_nobody_reads_is_141_and_silent():
    reader, writer = os.pipe()
    os.close(reader)
    ended = run("'x' * 99", stdout=writer)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_what_the_terminal_cannot_show_is_spelled_out_without_tensorflow():
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ended = run("chr(233)", stdout=subprocess.PIPE, env=environment)
    assert (ended.returncode, ended.stdout) == (0, "[]\n\\xe9\n")
    refusal = "(_ for _ in ()).throw(process.UserError(chr(0x732b)))"
    ended = run(refusal, stdout=subprocess.PIPE, env=environment)
    assert (ended.returncode, ended.stderr) == (1, "\\u732b\n")
