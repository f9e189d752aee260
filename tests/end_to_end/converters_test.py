"""The lines of BUILD.md that take an exported model into other runtimes."""

import importlib.util
import re

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf import networks
from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.models import Translator
from deepi2i_tf.serving.saved_model import export_saved_model
from deepi2i_tf.serving.signatures import ServedTranslator
from tests import processes
from tests.processes import ROOT

pytestmark = pytest.mark.slow
# What follows the lines: runs what they made on given.npz.
RUNS = {
    "LiteRT": """
from ai_edge_litert.interpreter import Interpreter
runner = Interpreter("translate.tflite").get_signature_runner("translate")
made = runner(**given)["images"]
""",
    "ONNX": """
import onnxruntime
made = onnxruntime.InferenceSession("translate.onnx").run(None, given)[0]
""",
    "OpenVINO": """
made = translate(given)[0]
""",
}
NEEDS = {
    "LiteRT": ("ai_edge_litert",),
    "ONNX": ("tf2onnx", "onnxruntime"),
    "OpenVINO": ("openvino",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds exported/portable, inputs in given.npz and expected.npy."""
    path = tmp_path_factory.mktemp("converted")
    # 16 pixels and more are where kernels are turned (resampled_conv.py).
    config = NetworkConfig(
        resolution=32, num_classes=3, ch=2, dim_z=16, shared_dim=8
    )
    made = networks.build_networks(config, seed=0)
    translator = Translator(made.encoder, made.adaptor, made.generator)
    dim_z = networks.z_length(config)
    export_saved_model(
        ServedTranslator(translator, 32, 3, dim_z),
        ("cat", "dog", "fox"),
        str(path / "exported/portable"),
        signatures=("translate",),
    )
    random = np.random.default_rng(0)
    given = {
        "images": random.uniform(-1, 1, (2, 32, 32, 3)).astype(np.float32),
        "target_class": np.array([0, 2], np.int32),
        "z": random.normal(size=(2, dim_z)).astype(np.float32),
    }
    np.savez(path / "given.npz", **given)
    loaded = tf.saved_model.load(str(path / "exported/portable"))
    assert list(loaded.signatures) == ["translate"]
    expected = loaded.signatures["translate"](
        **{name: tf.constant(value) for name, value in given.items()}
    )
    np.save(path / "expected.npy", expected["images"].numpy())
    return path


@pytest.mark.parametrize("runtime", RUNS)
def test_the_lines_give_tensorflows_pictures(folder, runtime):
    for needed in NEEDS[runtime]:
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    text = (ROOT / "BUILD.md").read_text(encoding="utf-8")
    lines = re.search(rf"\*\*{runtime}\*\*.*?```python\n(.*?)```", text, re.S)
    script = folder / f"{runtime}.py"
    script.write_text(
        lines[1]
        + "import numpy as np\ngiven = dict(np.load('given.npz'))\n"
        + RUNS[runtime]
        + f"np.save('{runtime}.npy', made)\n"
    )
    # Afresh: the converters' own libraries are loaded beside TensorFlow's.
    processes.succeed(str(script), cwd=folder, fresh=True)
    expected = np.load(folder / "expected.npy")
    assert expected.std() > 0.01
    # Another order of float32 sums; bfloat16 would be 0.01 away.
    np.testing.assert_allclose(
        np.load(folder / f"{runtime}.npy"), expected, atol=1e-4
    )
