import pytest

from deepi2i_tf import config
from deepi2i_tf.config import flag_text
from deepi2i_tf.utils.errors import UserError


def from_lines(tmp_path, *lines, **overrides):
    (tmp_path / "x.cfg").write_text("\n".join(lines) + "\n")
    return config.Config.from_flagfile(tmp_path / "x.cfg", **overrides)


def test_a_flagfile_and_what_counts_in_its_place(tmp_path):
    made = from_lines(
        tmp_path,
        "# A comment.",
        "--resolution=32",
        "--batch_size 8",
        "--noflip",
        "--deterministic",
        "--injection_weights=1,1,.5,0",
        "--freeze=",
        "--batch_size=12",
        steps=7,
        data_dir=tmp_path,
        augment=("color",),
    )
    assert made.network.resolution == 32
    assert made.training.batch_size == 12 and made.training.steps == 7
    assert not made.data.flip and made.training.deterministic
    assert made.network.injection_weights == (1.0, 1.0, 0.5, 0.0)
    assert made.transfer.freeze == () and made.objective.augment == ("color",)
    assert made.data.data_dir == str(tmp_path)


def test_the_experiments_of_the_project_are_found(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = config.Config.from_flagfile("flags/demo.cfg")
    assert made.training.name == "demo"


@pytest.mark.parametrize(
    "line, overrides, message",
    [
        ("--batchsize=3", {}, "Received: batchsize. Use batch_size"),
        ("--steps=many", {}, "--steps=many: Expected a whole number"),
        ("--steps=0", {}, "--steps to be at least 1"),
        ("--flip=perhaps", {}, "Expected true or false"),
        ("--steps=3", {"stepps": 4}, "Received: stepps. Use steps"),
        ("--steps=3", {"batch_size": 2.5}, "whole number. Received: 2.5"),
        ("--steps=3", {"class_map": "x"}, "--init_from beside --class_map"),
        ("--flagfile=gone.cfg", {}, "read the flagfile gone.cfg"),
    ],
)
def test_mistakes_are_told(tmp_path, line, overrides, message):
    with pytest.raises(UserError, match=message):
        from_lines(tmp_path, line, **overrides)


def test_values_stay_what_they_are():
    assert flag_text.parse_value(int, 3) == 3
    assert flag_text.parse_value(tuple[float, ...], (1, 2)) == (1.0, 2.0)
    assert flag_text.parse_value(bool, False) is False
