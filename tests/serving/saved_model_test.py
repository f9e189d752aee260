"""Tests of deepi2i_tf/serving/saved_model.py."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf import networks
from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import Translator
from deepi2i_tf.serving import saved_model
from deepi2i_tf.utils.errors import UserError
from tests.serving import tiny_translator

_FRESH_PROCESS = """
import sys
import numpy as np
import tensorflow as tf
loaded = tf.saved_model.load(sys.argv[1])
given = np.load(sys.argv[2])
answer = loaded.signatures["translate"](
    images=tf.constant(given["images"]),
    target_class=tf.constant(given["labels"]),
    z=tf.constant(given["z"]),
)
assert "deepi2i_tf" not in sys.modules, "package imported"
np.save(sys.argv[3], answer["images"].numpy())
"""


def _export(folder, translator=None, dim_z=tiny_translator.DIM_Z, **keywords):
    saved_model.export_saved_model(
        tiny_translator.serve(translator or tiny_translator.build(), dim_z),
        tiny_translator.CLASS_NAMES,
        str(folder),
        **keywords,
    )


def _real_translator():
    config = NetworkConfig(
        resolution=tiny_translator.RESOLUTION,
        num_classes=len(tiny_translator.CLASS_NAMES),
        ch=2,
        dim_z=16,
        shared_dim=8,
    )
    made = networks.build_networks(config, seed=0)
    translator = Translator(made.encoder, made.adaptor, made.generator)
    return translator, networks.z_length(config)


def _batch(count=4, dim_z=tiny_translator.DIM_Z):
    random = np.random.default_rng(1)
    side = tiny_translator.RESOLUTION
    return {
        "images": random.uniform(-1, 1, (count, side, side, 3)).astype("f"),
        "labels": np.arange(count, dtype=np.int32) % 3,
        "z": random.normal(size=(count, dim_z)).astype("f"),
    }


def _live(translator, batch):
    return translator(
        batch["images"], z=batch["z"], labels=batch["labels"], training=False
    )


def _loaded(folder, batch):
    signatures = tf.saved_model.load(str(folder)).signatures
    return signatures["translate"](
        images=tf.constant(batch["images"]),
        target_class=tf.constant(batch["labels"]),
        z=tf.constant(batch["z"]),
    )["images"]


def test_fresh_process_without_the_package_gives_the_same_images(tmp_path):
    translator, dim_z = _real_translator()
    batch = _batch(dim_z=dim_z)
    _export(tmp_path / "model", translator, dim_z)
    np.savez(tmp_path / "given.npz", **batch)
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-c", _FRESH_PROCESS]
        + [str(tmp_path / name) for name in ("model", "given.npz", "out.npy")],
        cwd=tmp_path,
        env=environment,
        check=True,
    )
    answer = np.load(tmp_path / "out.npy")
    assert answer.std() > 0.01
    # Each would be a warning of TensorFlow's to whoever loads the model.
    stored = (tmp_path / "model" / "saved_model.pb").read_bytes()
    assert b"DecodePng" in stored and b"_gradient_op_type" not in stored
    np.testing.assert_allclose(answer, _live(translator, batch), atol=1e-5)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_models_take_and_give_float32(tmp_path, kind):
    keras.config.set_dtype_policy(f"mixed_{kind}")
    try:
        translator, dim_z = _real_translator()
    finally:
        keras.config.set_dtype_policy("float32")
    batch = _batch(dim_z=dim_z)
    _export(tmp_path / "model", translator, dim_z)
    answer = _loaded(tmp_path / "model", batch)
    assert answer.dtype == tf.float32
    live = tf.cast(_live(translator, batch), tf.float32)
    # bfloat16 has 8 bits; eager and graph round in another order.
    np.testing.assert_allclose(answer, live, atol=0.03)


def test_model_built_under_a_strategy_exports(tmp_path):
    with tf.distribute.MirroredStrategy(["CPU:0"]).scope():
        translator = tiny_translator.build()
    _export(tmp_path / "model", translator)
    batch = _batch()
    np.testing.assert_allclose(
        _loaded(tmp_path / "model", batch), _live(translator, batch), atol=1e-5
    )


def test_signatures_have_the_promised_names_types_and_shapes(tmp_path):
    _export(tmp_path / "model")
    signatures = tf.saved_model.load(str(tmp_path / "model")).signatures
    default = signatures["serving_default"].structured_input_signature[1]
    assert {k: (v.dtype, v.shape.as_list()) for k, v in default.items()} == {
        "image_bytes": (tf.string, [None]),
        "target_class": (tf.int32, [None]),
        "seed": (tf.int64, [None]),
    }
    assert list(signatures["serving_default"].structured_outputs) == [
        "translated_bytes"
    ]
    translate = signatures["translate"].structured_input_signature[1]
    assert {k: (v.dtype, v.shape.as_list()) for k, v in translate.items()} == {
        "images": (tf.float32, [None, 32, 32, 3]),
        "target_class": (tf.int32, [None]),
        "z": (tf.float32, [None, tiny_translator.DIM_Z]),
    }
    assert list(signatures["translate"].structured_outputs) == ["images"]


def test_assets_name_the_classes_and_the_facts(tmp_path):
    _export(tmp_path / "model", step=500)
    assets = tmp_path / "model" / "assets"
    names = (assets / "class_names.txt").read_text().splitlines()
    assert names == list(tiny_translator.CLASS_NAMES)
    assert json.loads((assets / "model.json").read_text()) == {
        "format": 1,
        "resolution": 32,
        "num_classes": 3,
        "model": "",
        "dim_z": tiny_translator.DIM_Z,
        "step": 500,
    }


def test_path_in_use_is_refused_and_left_alone(tmp_path):
    _export(tmp_path / "model", step=1)
    with pytest.raises(UserError, match="--overwrite"):
        _export(tmp_path / "model", step=2)
    facts = (tmp_path / "model" / "assets" / "model.json").read_text()
    assert json.loads(facts)["step"] == 1
    assert os.listdir(tmp_path) == ["model"]


def test_overwrite_replaces_an_exported_model(tmp_path):
    _export(tmp_path / "model", step=1)
    _export(tmp_path / "model", step=2, overwrite=True)
    facts = (tmp_path / "model" / "assets" / "model.json").read_text()
    assert json.loads(facts)["step"] == 2
    assert os.listdir(tmp_path) == ["model"]


def test_overwrite_never_replaces_anything_else(tmp_path):
    (tmp_path / "thesis.tex").write_text("years of work")
    for output in (tmp_path, tmp_path / "thesis.tex"):
        with pytest.raises(UserError, match="something else"):
            _export(output, overwrite=True)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def fail(module, path, **keywords):
        os.makedirs(os.path.join(path, "variables"))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tf.saved_model, "save", fail)
    with pytest.raises(UserError, match="No space left on device"):
        _export(tmp_path / "model")
    assert os.listdir(tmp_path) == []


def test_missing_parents_are_made(tmp_path):
    _export(tmp_path / "exported" / "animals")
    assert (tmp_path / "exported" / "animals" / "saved_model.pb").exists()
