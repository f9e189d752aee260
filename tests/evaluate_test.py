"""Tests of deepi2i_tf/evaluate.py."""

import json

import numpy as np
import pytest

from deepi2i_tf import command, evaluate, flags
from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.serving.translator import ModelError
from tests.evaluation import disc_set


class _Model:
    """Stands in for an exported translator."""

    resolution = disc_set.RESOLUTION
    class_names = disc_set.NAMES
    dim_z = 6

    def __init__(self, path):
        if path != "exported":
            raise ModelError(f"Received: {path}.")

    def translate(self, images, target_class, z):
        assert (target_class.dtype, z.dtype) == (np.int32, np.float32)
        return images / 2


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return disc_set.write_set(tmp_path_factory.mktemp("data"), train=9)


@pytest.fixture(autouse=True)
def evaluate_flags():
    flags.define_evaluate_flags()


@pytest.fixture
def measured(monkeypatch):
    calls = []

    def measure(translate, dim_z, prepared, output, options, **others):
        images = np.ones((2, 4, 4, 3), np.float32)
        z, labels = np.zeros((2, dim_z), np.float32), np.zeros(2, np.int32)
        translated = translate(images, z, labels)
        np.testing.assert_array_equal(translated, images / 2)
        calls.append((dim_z, prepared, output, options, others))
        return {"rc": 0.5, "protocol": {"split": "test"}}

    monkeypatch.setattr(evaluate, "evaluate", measure)
    monkeypatch.setattr(evaluate, "LoadedTranslator", _Model)
    return calls


def _give_run(monkeypatch, data_dir, class_names=disc_set.NAMES):
    config = Config(
        data=DataConfig(dataset="discs", data_dir=data_dir),
        network=NetworkConfig(resolution=disc_set.RESOLUTION, dim_z=16),
    )

    def load_translator(run_dir, averaged, step):
        def translator(images, z, labels, training):
            return images / 2

        return translator, config, class_names, step or 40

    monkeypatch.setattr(evaluate, "load_translator", load_translator)


def _data_dir(prepared):
    return prepared.path.rsplit("/discs/", 1)[0]


def test_measures_a_run_on_its_own_data(
    monkeypatch, measured, prepared, capsys
):
    _give_run(monkeypatch, _data_dir(prepared))
    arguments = ["--run_dir=runs/7", "--num_images=12", "--seed=3"]
    assert command.call(evaluate.main, arguments) == 0
    ((_, data, output, options, others),) = measured
    assert data == prepared
    assert output == "runs/7/report"
    assert (options.num_images, options.seed) == (12, 3)
    assert others["judge_dir"] == ""
    assert others["origin"] == {
        "run_dir": "runs/7",
        "step": 40,
        "weights": "averaged",
    }
    printed = capsys.readouterr().out.splitlines()
    assert printed == ["split: test", "rc: 0.5000", "runs/7/report"]


def test_takes_step_weights_data_and_output_from_flags(
    monkeypatch, measured, prepared
):
    _give_run(monkeypatch, "/gone")
    arguments = ["--run_dir=r", "--step=20", "--noaveraged", "--output=o"]
    arguments += [f"--data_dir={prepared.path}", "--judge_dir=j"]
    assert command.call(evaluate.main, arguments) == 0
    ((_, data, output, _, others),) = measured
    assert (data, output, others["judge_dir"]) == (prepared, "o", "j")
    assert others["origin"]["step"] == 20
    assert others["origin"]["weights"] == "raw"


def test_measures_an_exported_model(measured, prepared):
    arguments = [f"--data_dir={prepared.path}", "--output=o"]
    assert command.call(evaluate.main, ["--model=exported", *arguments]) == 0
    ((dim_z, _, _, _, others),) = measured
    assert dim_z == 6
    assert others["origin"] == {"model": "exported"}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--model=nothing", "--data_dir=d", "--output=o"], "nothing"),
        (["--model=exported", "--data_dir=gone", "--output=o"], "gone"),
        (["--run_dir=gone"], "Expected a run directory"),
    ],
)
def test_what_is_missing_is_told_in_one_sentence(
    measured, capsys, arguments, said
):
    assert command.call(evaluate.main, arguments) == 1
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
    assert not measured


def test_data_that_is_gone_is_refused(monkeypatch, measured, tmp_path, capsys):
    _give_run(monkeypatch, str(tmp_path))
    assert command.call(evaluate.main, ["--run_dir=r"]) == 1
    assert 'tfds.load("discs"' in capsys.readouterr().err


def test_data_of_other_classes_is_refused(
    monkeypatch, measured, prepared, capsys
):
    _give_run(monkeypatch, _data_dir(prepared), ("a", "b", "c", "d", "e"))
    assert command.call(evaluate.main, ["--run_dir=r"]) == 1
    told = capsys.readouterr().err
    assert "5 classes of the translator (a, b, c, d, ...)" in told
    assert "3 classes (amber, blue, green)" in told


def test_a_run_without_checkpoint_is_refused(tmp_path, measured, capsys):
    (tmp_path / "config.json").write_text(Config().to_json())
    (tmp_path / "data.json").write_text(json.dumps({"class_names": ["a"]}))
    assert command.call(evaluate.main, [f"--run_dir={tmp_path}"]) == 1
    assert "checkpoint" in capsys.readouterr().err
