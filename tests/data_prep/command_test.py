import os
import sys

import pytest
from absl import flags

from data_prep import command
from deepi2i_tf.utils.errors import WrongFlags


@pytest.fixture(autouse=True)
def own_flags(monkeypatch):
    values = flags.FlagValues()
    flags.DEFINE_integer("size", 3, "How large.", 1, flag_values=values)
    monkeypatch.setattr(flags, "FLAGS", values)
    return values


def test_flags_are_listed_in_groups_with_their_defaults():
    assert command.flags_text({"G": ["size"]}) == (
        "G:\n  --size [3]\n      How large.\n"
    )


@pytest.mark.parametrize("wrong", ["--size=0", "--size=a", "--siez=1", "more"])
def test_wrong_flags_are_told_in_one_line(wrong):
    with pytest.raises(WrongFlags) as error:
        command.parse([wrong])
    assert "\n" not in str(error.value)


def test_flags_are_parsed(own_flags):
    command.parse(["--size=7"])
    assert own_flags.size == 7


def test_flags_may_stand_in_a_flagfile_with_a_byte_order_mark(
    own_flags, tmp_path
):
    flagfile = tmp_path / "a.cfg"
    flagfile.write_text("--size=7\n", encoding="utf-8-sig")
    command.parse([f"--flagfile={flagfile}"])
    assert own_flags.size == 7
    flagfile.write_text("--size=7\n", encoding="utf-16")
    with pytest.raises(WrongFlags, match="a.cfg in UTF-8"):
        command.parse([f"--flagfile={flagfile}"])


def test_an_import_is_not_heard(capfd, tmp_path, monkeypatch):
    (tmp_path / "loud_module.py").write_text(
        "import os\nos.write(2, b'noise')\nVALUE = 5\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("KERAS_MAX_EPOCHS", "1")
    assert command.import_quietly("loud_module").VALUE == 5
    os.write(2, b"heard")
    assert capfd.readouterr().err == "heard"
    # TensorFlow imports Keras, which reads these.
    assert {k: v for k, v in os.environ.items() if k.startswith("KERAS_")} == {
        "KERAS_BACKEND": "tensorflow",
        "KERAS_HOME": os.devnull,
    }
    del sys.modules["loud_module"]
