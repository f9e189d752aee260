"""Tests of deepi2i_tf/export.py."""

import io
import json
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf import networks
from deepi2i_tf.cli import command, flags
from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.models import Translator, variables_by_path
from deepi2i_tf.runs.checkpoints import Checkpoints
from deepi2i_tf.serving.translate_photos import translate_photos
from deepi2i_tf.serving.translator import LoadedTranslator, ModelError
from deepi2i_tf.utils.fit import Fit
from tests.command_modules import export

_CLASS_NAMES = ("cat", "dog", "fox")
_CONFIG = Config(
    network=NetworkConfig(
        resolution=32, num_classes=3, ch=2, dim_z=16, shared_dim=8
    )
)


def _translator(seed):
    made = networks.build_networks(_CONFIG.network, seed=seed)
    return Translator(made.encoder, made.adaptor, made.generator)


@pytest.fixture(scope="module")
def translators():
    """What stands in the run, by (step, averaged)."""
    keys = [(10, False), (10, True), (20, False), (20, True)]
    return {key: _translator(seed) for seed, key in enumerate(keys)}


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory, translators):
    """A run of two checkpoints, with averages that differ from the weights."""
    path = tmp_path_factory.mktemp("run")
    (path / "config.json").write_text(_CONFIG.to_json())
    (path / "data.json").write_text(json.dumps({"class_names": _CLASS_NAMES}))
    for step in (10, 20):
        items = {
            name: variables_by_path(
                getattr(translators[step, False], name).weights
            )
            for name in ("encoder", "adaptor", "generator")
        }
        averaged = translators[step, True].weights
        items["averaged"] = variables_by_path(averaged)
        Checkpoints(path / "checkpoints", items, keep=2).save(step, {})
    (path / "best.json").write_text(json.dumps({"step": 10}))
    return str(path)


@pytest.fixture(autouse=True)
def export_flags():
    flags.define("export")


def _export(run_dir, output, *arguments):
    given = [f"--run_dir={run_dir}", f"--output={output}", *arguments]
    return command.call(export.main, given)


@pytest.mark.parametrize(
    "arguments, step, averaged",
    [
        ([], 20, True),
        (["--step=10"], 10, True),
        (["--best"], 10, True),
        (["--noaveraged"], 20, False),
    ],
)
def test_exports_the_asked_weights(
    run_dir, translators, tmp_path, capsys, arguments, step, averaged
):
    output = str(tmp_path / "model")
    assert _export(run_dir, output, *arguments) == 0
    assert capsys.readouterr().out.splitlines()[-1] == output
    loaded = LoadedTranslator(output)
    assert loaded.class_names == _CLASS_NAMES
    images = np.random.default_rng(0).uniform(-1, 1, (3, 32, 32, 3))
    images, z = images.astype(np.float32), loaded.sample_z([0, 1, 2])
    labels = np.arange(3)
    translator = translators[step, averaged]
    live = translator(images, z=z, labels=labels, training=False)
    np.testing.assert_allclose(
        loaded.translate(images, labels, z), live, atol=1e-5
    )


def test_an_output_in_use_is_refused_before_anything_is_read(tmp_path, capsys):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "notes.txt").write_text("mine")
    assert _export("nowhere", tmp_path / "model", "--overwrite") == 1
    error = capsys.readouterr().err
    assert "which is something else" in error
    assert error.count("\n") == 1


def test_versions_are_laid_out_as_servers_watch_them(run_dir, tmp_path, capsys):
    output = tmp_path / "model"
    (output / ".tmp-7").mkdir(parents=True)
    (output / "12notes").mkdir()
    auto = "--version=auto", "--signatures=translate,sample_z"
    assert _export(run_dir, output, *auto, "--step=10") == 0
    assert _export(run_dir, output, "--version=auto") == 0
    assert capsys.readouterr().out.splitlines()[-1] == str(output / "2")
    assert sorted(os.listdir(output)) == [".tmp-7", "1", "12notes", "2"]
    for version in ("1", "2"):
        assert {"saved_model.pb", "variables", "assets", "assets.extra"} < set(
            os.listdir(output / version)
        )
    loaded = LoadedTranslator(str(output))  # the highest
    assert loaded.path == str(output / "2")
    with pytest.raises(ModelError, match="Received: no serving_default, no t"):
        LoadedTranslator(str(output / "1"))
    assert _export(run_dir, output, "--version=2") == 1
    assert "add --overwrite" in capsys.readouterr().err
    assert _export(run_dir, output) == 1  # would replace the folder of both
    assert "or add --version=auto." in capsys.readouterr().err
    assert _export(run_dir, output / "2", "--version=3") == 1
    assert "which holds an exported model" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", ["--version=0", "--version=new", "--signatures=", "--signatures=x"]
)
def test_wrong_versions_and_signatures_are_2(wrong, tmp_path, capsys):
    assert _export("run", tmp_path / "model", wrong) == 2
    assert wrong[2:].split("=")[0] in capsys.readouterr().err


def test_a_missing_run_is_refused(tmp_path, capsys):
    assert _export(tmp_path / "nowhere", tmp_path / "model") == 1
    assert "Expected a run directory" in capsys.readouterr().err
    assert os.listdir(tmp_path) == []


def test_overwrite_replaces_a_model_and_the_step_is_recorded(
    run_dir, tmp_path, capsys
):
    output = tmp_path / "model"
    facts = output / "assets" / "model.json"
    assert _export(run_dir, output, "--step=10") == 0
    assert json.loads(facts.read_text())["step"] == 10
    assert _export(run_dir, output) == 1
    assert "--overwrite" in capsys.readouterr().err
    assert _export(run_dir, output, "--overwrite") == 0
    assert json.loads(facts.read_text())["step"] == 20


def test_the_model_fits_photos_as_those_of_its_training_were(
    run_dir, tmp_path, capsys
):
    run = tmp_path / "run"
    shutil.copytree(run_dir, run)
    fit = Fit("pad", (0, 80, 0))
    facts = json.loads((run / "data.json").read_text()) | fit.to_dict()
    (run / "data.json").write_text(json.dumps(facts))
    output = str(tmp_path / "model")
    assert _export(str(run), output) == 0
    loaded = LoadedTranslator(output)
    assert Fit(loaded.fit, loaded.pad_color) == fit
    photo = np.random.default_rng(0).integers(0, 255, (5, 9, 3), np.uint8)
    Image.fromarray(photo).resize((90, 50)).save(tmp_path / "cat.png")
    content = (tmp_path / "cat.png").read_bytes()
    (made,) = loaded.translate_files([content], [1], [7])
    by_model = np.asarray(Image.open(io.BytesIO(made))).astype(int)
    options = TranslateOptions(
        output, str(tmp_path / "cat.png"), "dog", str(tmp_path / "out"), seed=7
    )
    assert translate_photos(options) == 1
    with Image.open(tmp_path / "out" / "cat--dog.png") as picture:
        by_command = np.asarray(picture).astype(int)
    # Pillow rounds between its two passes, which the networks pass on.
    assert np.abs(by_model - by_command).mean() < 1


def test_a_model_that_does_not_say_how_it_fits_crops(run_dir, tmp_path, capsys):
    output = tmp_path / "model"
    assert _export(run_dir, str(output)) == 0
    assert "fit" not in json.loads((output / "assets/model.json").read_text())
    loaded = LoadedTranslator(str(output))
    assert (loaded.fit, loaded.pad_color) == ("crop", (255, 255, 255))
