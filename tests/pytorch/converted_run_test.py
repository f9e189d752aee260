import json

import pytest
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.pytorch import converted_run
from deepi2i_tf.runs.restore import read_run
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError


def write(output, names=("a", "b"), step=0):
    items = {"step": tf.Variable(step, dtype=tf.int64)}
    converted_run.write(
        str(output), Config(), names, items, {"source": "in.zip"}
    )


def test_a_run_is_written_whole(tmp_path):
    run = tmp_path / "deep" / "run"
    write(run)
    assert read_run(run) == (Config(), ("a", "b"))
    assert {path.name for path in run.iterdir()} == {
        "checkpoints",
        "config.json",
        "conversion.json",
        "data.json",
        "versions.json",
    }
    data = json.loads((run / "data.json").read_text())
    assert data["path"].endswith("in.zip")
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def full(path, values):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_files, "write_json", full)
    with pytest.raises(UserError, match="Free some space"):
        write(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_is_replaced_only_when_asked(tmp_path):
    run = tmp_path / "run"
    converted_run.check_output(str(run), overwrite=False)
    write(run)
    with pytest.raises(UserError, match="earlier conversion. Add --overwrite"):
        converted_run.check_output(str(run), overwrite=False)
    converted_run.check_output(str(run), overwrite=True)
    write(run, names=("c", "d"))
    assert read_run(run)[1] == ("c", "d")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_nothing_else_is_ever_replaced(tmp_path):
    (tmp_path / "empty").mkdir()
    converted_run.check_output(str(tmp_path / "empty"), overwrite=False)
    trained = tmp_path / "trained"
    write(trained)
    (trained / "conversion.json").unlink()
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (trained, file):
        with pytest.raises(UserError, match="something else. Choose another"):
            converted_run.check_output(str(path), overwrite=True)


def test_names_are_made_up_and_told():
    names, said = converted_run.class_names("", 3)
    assert names == ("class_0000", "class_0001", "class_0002")
    assert len(said) == 1
    _, said = converted_run.class_names("", 1000)
    assert "n01440764 is class_0000" in said[-1]


def test_names_of_a_file(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("tench\n goldfish \n\n", encoding="utf-8")
    names = converted_run.class_names(str(file), 2)
    assert names == (("tench", "goldfish"), [])
    with pytest.raises(UserError, match="3 different names.*Received: 2, 2"):
        converted_run.class_names(str(file), 3)
    file.write_text("a\na\n")
    with pytest.raises(UserError, match="Received: 2, 1 of them different"):
        converted_run.class_names(str(file), 2)
    file.write_bytes(b"\xff\xfe\x00")
    for path in (file, tmp_path / "missing", tmp_path):
        with pytest.raises(UserError, match="--class_names to be a text file"):
            converted_run.class_names(str(path), 2)
