import os
import sys

import pytest
from absl import flags

from data_prep import command
from data_prep.errors import UserError


@pytest.fixture(autouse=True)
def own_flags(monkeypatch):
    values = flags.FlagValues()
    flags.DEFINE_integer("size", 3, "How large.", 1, flag_values=values)
    monkeypatch.setattr(flags, "FLAGS", values)
    return values


def page():
    return command.help_page("data_prep.x", "What it does.", {"G": ["size"]})


def test_help_is_0_and_grouped(capsys):
    assert command.call(lambda: None, page, ["--help"]) == 0
    out = capsys.readouterr().out
    assert "python -m data_prep.x" in out
    assert "G:" in out and "--size [3]" in out


@pytest.mark.parametrize("wrong", ["--size=0", "--size=a", "--siez=1", "more"])
def test_wrong_flags_are_2(capsys, wrong):
    assert command.call(lambda: None, page, [wrong]) == 2
    assert "--help" in capsys.readouterr().err


def test_a_refusal_is_1_and_one_line(capsys):
    def refuse():
        raise UserError("Expected a. Received: b. Do c.")

    assert command.call(refuse, page, []) == 1
    assert capsys.readouterr().err == "Expected a. Received: b. Do c.\n"


def test_ctrl_c_is_130(capsys):
    def interrupt():
        raise KeyboardInterrupt

    assert command.call(interrupt, page, []) == 130
    assert "Ctrl-C" in capsys.readouterr().err


def test_success_is_0_and_sees_the_flags(own_flags):
    seen = []
    assert (
        command.call(lambda: seen.append(own_flags.size), page, ["--size=7"])
        == 0
    )
    assert seen == [7]


def test_an_import_is_not_heard(capfd, tmp_path, monkeypatch):
    (tmp_path / "loud_module.py").write_text(
        "import os\nos.write(2, b'noise')\nVALUE = 5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    assert command.import_quietly("loud_module").VALUE == 5
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
    del sys.modules["loud_module"]
