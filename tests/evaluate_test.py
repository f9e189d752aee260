"""Tests of deepi2i_tf/evaluate.py."""

import json

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.config.evaluate import EvaluationConfig
from deepi2i_tf.evaluation import evaluated_model
from deepi2i_tf.serving.translator import ModelError
from tests.command_modules import evaluate
from tests.evaluation import disc_set
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL


class _Model:
    """Stands in for an exported translator."""

    resolution = disc_set.RESOLUTION
    class_names = disc_set.NAMES
    dim_z = 6
    fit, pad_color = "crop", (255, 255, 255)

    def __init__(self, path):
        if path != "exported":
            raise ModelError(f"Received: {path}.")
        self.path = path

    def translate(self, images, target_class, z):
        assert (target_class.dtype, z.dtype) == (np.int32, np.float32)
        return images / 2


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    return disc_set.write_set(tmp_path_factory.mktemp("data"), train=9)


@pytest.fixture(autouse=True)
def evaluate_flags():
    flags.define("evaluate")


class _Translator:
    """Stands in for a run's networks."""

    weights = ()

    def __call__(self, images, z, labels, training):
        return images / 2


def _page(output, run_dir):
    return f"{output}/report.html of {run_dir!r}"


@pytest.fixture
def measured(monkeypatch):
    calls = []

    def measure(model, data, output, config, reference_dir, source_set=None):
        images = np.ones((2, 32, 32, 3), np.float32)
        z = np.zeros((2, model.dim_z), np.float32)
        labels = np.zeros(2, np.int32)
        translated = model.translate(images, z, labels)
        np.testing.assert_array_equal(translated, images / 2)
        given = (model, data, output, config, reference_dir, source_set)
        calls.append(given)
        return {"rc": 0.5, "protocol": {"split": "test"}}

    monkeypatch.setattr(evaluate, "evaluate", measure)
    monkeypatch.setattr(evaluate, "write_html", _page)
    monkeypatch.setattr(evaluated_model, "LoadedTranslator", _Model)
    return calls


def _give_run(monkeypatch, data_dir, class_names=disc_set.NAMES):
    config = Config(
        data=DataConfig(dataset="discs", data_dir=data_dir),
        network=NetworkConfig(resolution=disc_set.RESOLUTION, dim_z=16),
    )

    def load_translator(run_dir, averaged, step):
        return _Translator(), config, class_names, step or 40

    monkeypatch.setattr(evaluated_model, "load_translator", load_translator)


def _data_dir(prepared):
    return prepared.path.rsplit("/discs/", 1)[0]


def test_measures_a_run_on_its_own_data(
    monkeypatch, measured, prepared, capsys
):
    _give_run(monkeypatch, _data_dir(prepared))
    arguments = ["--run_dir=runs/7", "--num_images=12", "--seed=3"]
    assert command.call(evaluate.main, arguments) == 0
    ((model, data, output, config, reference_dir, sources),) = measured
    assert (data.path, sources) == (prepared.path, None)
    assert output == "runs/7/report"
    assert (config.num_images, config.seed) == (12, 3)
    assert reference_dir == "runs/judge"
    assert model.origin == {
        "run_dir": "runs/7",
        "step": 40,
        "weights": "averaged",
        "weights_sha256": model.identity,
    }
    assert len(model.identity) == 64
    printed = capsys.readouterr().out.splitlines()
    page = "runs/7/report/report.html of 'runs/7'"
    assert printed == ["split: test", "rc: 0.5000", page]


def test_takes_step_weights_data_and_output_from_flags(
    monkeypatch, measured, prepared
):
    _give_run(monkeypatch, "/gone")
    arguments = ["--run_dir=r", "--step=20", "--noaveraged", "--output=o"]
    arguments += [f"--data_dir={prepared.path}", "--judge_dir=j"]
    arguments += [f"--source_dir={prepared.path}", "--num_z=2", "--nofc"]
    arguments += ["--reals_split=test", "--reals_per_class=9"]
    arguments += ["--diversity_sources=4", "--diversity_z=3", "--shown=2"]
    arguments += ["--inception_weights=w.pb", "--batch_size=5"]
    assert command.call(evaluate.main, arguments) == 0
    ((model, data, output, config, reference_dir, sources),) = measured
    assert (data.path, sources.path) == (prepared.path, prepared.path)
    assert (output, reference_dir) == ("o", "j")
    assert model.origin["step"] == 20
    assert model.origin["weights"] == "raw"
    assert config == EvaluationConfig(
        num_z=2,
        reals_split="test",
        reals_per_class=9,
        diversity_sources=4,
        diversity_z=3,
        fc=False,
        inception_weights="w.pb",
        batch_size=5,
        shown=2,
    )


def test_measures_the_best_checkpoint(monkeypatch, measured, prepared):
    _give_run(monkeypatch, _data_dir(prepared))
    monkeypatch.setattr(evaluated_model, "best_step", {"runs/7": 30}.get)
    assert command.call(evaluate.main, ["--run_dir=runs/7", "--best"]) == 0
    assert measured[0][0].origin["step"] == 30


def test_measures_an_exported_model(measured, prepared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exported").mkdir()
    arguments = ["--model=exported", f"--data_dir={prepared.path}"]
    sums = []
    for content in ("one", "other"):
        (tmp_path / "exported" / "weights").write_text(content)
        assert command.call(evaluate.main, [*arguments, "--output=o"]) == 0
        model = measured[-1][0]
        assert model.dim_z == 6 and measured[-1][4] == ""
        assert model.origin["model"] == "exported"
        sums.append(model.identity)
    assert sums[0] != sums[1] == model.origin["model_sha256"]


def test_measures_images_of_another_program(monkeypatch, tmp_path, capsys):
    calls = []

    def measure(*arguments):
        calls.append(arguments)
        return {"rc": 0.25, "protocol": {}}

    monkeypatch.setattr(evaluate, "evaluate_folder", measure)
    monkeypatch.setattr(evaluate, "write_html", _page)
    arguments = ["--output=o", "--judge_dir=j"]
    for side, classes in (("translations", "ab"), ("reals", "ab")):
        for name in classes:
            (tmp_path / side / name).mkdir(parents=True)
            Image.new("RGB", (8, 8)).save(tmp_path / side / name / "1.png")
        arguments.append(f"--{side}={tmp_path / side}")
    assert command.call(evaluate.main, arguments) == 0
    ((translations, reals, output, _, reference_dir),) = calls
    assert translations.path == str(tmp_path / "translations")
    assert (reals.class_names, reals.resolution) == (("a", "b"), 8)
    assert (output, reference_dir) == ("o", "j")
    assert capsys.readouterr().out.endswith("o/report.html of ''\n")
    (tmp_path / "reals" / "b").rename(tmp_path / "reals" / "c")
    assert command.call(evaluate.main, arguments) == 1
    assert "no folder b" in capsys.readouterr().err


def test_lays_runs_side_by_side(tmp_path, capsys):
    for name in ("a", "b"):
        drawn_report.write_report(
            tmp_path / name / "report", tmp_path / name, SMALL
        )
    arguments = [f"--compare={tmp_path}/a,{tmp_path}/b/"]
    assert command.call(evaluate.main, arguments) == 0
    page = tmp_path / "comparison" / "comparison.html"
    assert capsys.readouterr().out == f"{page}\n"
    assert page.exists()
    arguments += [f"--output={tmp_path}/o"]
    assert command.call(evaluate.main, arguments) == 0
    assert (tmp_path / "o" / "comparison.html").exists()
    assert command.call(evaluate.main, [f"--compare={tmp_path}/a"]) == 1
    assert "two to 6 runs" in capsys.readouterr().err


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
    message = capsys.readouterr().err
    assert said in message and message.count("\n") == 1
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
    message = capsys.readouterr().err
    assert "5 classes of the translator (a, b, c, d, ...)" in message
    assert "3 classes (amber, blue, green)" in message


def test_a_run_without_checkpoint_is_refused(tmp_path, measured, capsys):
    (tmp_path / "config.json").write_text(Config().to_json())
    (tmp_path / "data.json").write_text(json.dumps({"class_names": ["a"]}))
    assert command.call(evaluate.main, [f"--run_dir={tmp_path}"]) == 1
    assert "checkpoint" in capsys.readouterr().err
