"""The example of docs/python.md, in small, and what it leaves behind."""

import json
import pathlib
import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from PIL import Image

import deepi2i_tf as d2
from deepi2i_tf.networks import z_length
from tests.api.small_model import sha256_of
from tests.repo.sources import ROOT

PAGE = ROOT / "docs" / "python.md"
# What the page says, and what is small; each has to stand there.
IN_SMALL = {
    "batch_size=16": "batch_size=2",
    "epochs=4": "epochs=2",
    "steps_per_epoch=500": "steps_per_epoch=2",
    "every=500": "every=3, evaluation=small",
    '"meerkat"': "data.class_names[1]",
}
FLAGS = """\
# Data: beside it.
--resolution=32
--ch=2
--dim_z=16
--shared_dim=8
--noflip
"""


def code_of(page: pathlib.Path) -> str:
    code = re.search("```python\n(.*?)```", page.read_text(), re.DOTALL)[1]
    for large, small in IN_SMALL.items():
        assert large in code
        code = code.replace(large, small)
    return code


def run_page(code: str, data_dir, folder: pathlib.Path, **given) -> dict:
    """The names of the code after it ran in a folder with what it needs."""
    (folder / "flags").mkdir()
    flags = FLAGS + f"--data_dir={data_dir}\n"
    (folder / "flags" / "creatures.cfg").write_text(flags)
    pixels = np.arange(50 * 70 * 3, dtype=np.uint32).reshape(50, 70, 3) % 256
    Image.fromarray(pixels.astype(np.uint8)).save(folder / "cat.jpg")
    small = d2.callbacks.EvaluationConfig(
        num_images=6, reference_steps=3, fc=False, diversity_sources=0
    )
    names = {"small": small, **given}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(compile(code, str(PAGE), "exec"), names)
    return names


@pytest.fixture(scope="module")
def example(data_dir, tmp_path_factory):
    """The names of the page's code after it ran, and where it ran."""
    folder = tmp_path_factory.mktemp("example")
    return run_page(code_of(PAGE), data_dir, folder), folder


@pytest.mark.slow
def test_it_runs_on_two_replicas(two_replicas, data_dir, tmp_path):
    code = code_of(PAGE)
    for line in ("model = d2.DeepI2I(", "model.compile("):
        assert code.count(f"\n{line}") == 1
        code = code.replace(line, f"with strategy.scope():\n    {line}")
    names = run_page(code, data_dir, tmp_path, strategy=two_replicas)
    assert names["model"].finished_steps == 4
    losses = names["history"].history["discriminator_loss"]
    assert np.isfinite(losses).all()
    assert names["picture"].shape == (32, 32, 3)


def test_it_leaves_what_it_says(example):
    names, folder = example
    assert names["model"].finished_steps == 4
    assert names["config"].training.batch_size == 2
    sheets = {path.name for path in (folder / "samples").iterdir()}
    assert sheets == {"real.png", "step-000000.png"}
    assert (folder / "checkpoints" / "step-00000004").is_dir()
    assert list((folder / "logs").rglob("events.*"))
    picture = names["picture"]
    assert picture.dtype == np.uint8 and picture.shape == (32, 32, 3)


@pytest.mark.parametrize("source", ["creatures.keras", "exported/creatures"])
def test_what_it_leaves_translates_alike(example, source):
    names, folder = example
    loaded = d2.load_translator(folder / source)
    target = names["data"].class_names[1]
    assert tuple(loaded.class_names) == names["data"].class_names
    made = loaded.translate(folder / "cat.jpg", target, seed=0)
    difference = np.abs(made.astype(int) - names["picture"])
    # The exported graph decodes and resizes by itself, and rounds once.
    is_exported = isinstance(loaded, d2.LoadedTranslator)
    assert difference.max() <= (3 if is_exported else 0)


def test_the_history_has_losses_and_evaluations(example):
    history = example[0]["history"].history
    assert len(history["generator_loss"]) == 2
    assert np.all(np.isfinite(history["discriminator_loss"]))
    # The one evaluation, after step 3, is of the second epoch.
    assert len(history["evaluation/rc"]) == 1


def test_a_loaded_model_is_the_same_and_steps_alike(example):
    model, again = example[0]["model"], example[0]["again"]
    assert sha256_of(again) == sha256_of(model) and again.finished_steps == 4
    assert again.class_names == example[0]["data"].class_names
    for each in (model, again):
        each.fit(example[0]["data"].train(), steps_per_epoch=1, verbose=0)
    assert sha256_of(again) == sha256_of(model)
    assert type(again.optimizers["generator"]) is keras.optimizers.Adam


def test_configurations_are_plain_and_make_new_models(example, tmp_path):
    model = example[0]["model"]
    for each in (model, model.averaged, *model.networks.values()):
        config = each.get_config()
        assert json.loads(json.dumps(config)) == config
        made = type(each).from_config(config)
        assert [w.shape for w in made.weights] == [
            w.shape for w in each.weights
        ]
    clone = keras.models.clone_model(model)
    assert clone.finished_steps == 0
    model.save_weights(tmp_path / "all.weights.h5")
    clone.load_weights(tmp_path / "all.weights.h5")
    assert sha256_of(clone) == sha256_of(model)


def test_a_summary_shows_the_networks_with_their_counts(example):
    model, lines = example[0]["model"], []
    model.summary(
        print_fn=lambda text, **_: lines.append(text),
        line_length=79,
        expand_nested=True,
    )
    text = "\n".join(lines)
    for name, network in model.networks.items():
        count = f"{network.count_params():,}"
        assert re.search(rf"{name} \({type(network).__name__}\).*{count}", text)
    assert "block1" in text


def test_models_are_called_and_predict(example):
    model = example[0]["model"]
    shape = model.config.network
    z = np.ones((2, z_length(shape)), np.float32)
    inputs = {
        "images": np.zeros((2, 32, 32, 3), np.float32),
        "labels": np.array([0, 2], np.int32),
        "z": z,
    }
    called = model(**inputs)
    predicted = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(predicted, called, atol=1e-5)
    np.testing.assert_allclose(
        model.averaged.predict(inputs, verbose=0), called, atol=1e-5
    )
    with pytest.raises(d2.UserError, match=r"\(batch, 32, 32, 3\).*8, 8, 3"):
        model(np.zeros((2, 8, 8, 3), "f"), labels=inputs["labels"])
    with pytest.raises(d2.UserError, match="Expected target classes"):
        model(inputs["images"])


def test_two_dtype_policies_live_in_one_process(example):
    narrow = d2.Config.from_flagfile(
        example[1] / "flags" / "creatures.cfg", mixed_precision="mixed_bfloat16"
    )
    other = d2.DeepI2I(narrow, num_classes=3)
    assert keras.config.dtype_policy().name == "float32"
    model = example[0]["model"]
    for each, policy in ((model, "float32"), (other, "mixed_bfloat16")):
        for network in each.networks.values():
            kinds = {w.dtype_policy.name for w in network._flatten_layers()}
            assert policy in kinds and kinds <= {policy, "float32"}
    copy = type(other.averaged).from_config(other.averaged.get_config())
    assert copy.generator.blocks[0].compute_dtype == "bfloat16"


def test_importing_the_package_loads_no_tensorflow():
    code = (
        "import sys, deepi2i_tf as d2; from deepi2i_tf import Config;"
        "assert 'load_translator' in dir(d2);"
        "sys.exit(len({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        d2.Nothing  # noqa: B018


def test_functions_are_no_modules_of_commands():
    import_all = __import__("tests.command_modules", fromlist=["train"])
    assert import_all.train.main
    for name in ("train", "evaluate", "export"):
        assert not hasattr(getattr(d2, name), "main")
