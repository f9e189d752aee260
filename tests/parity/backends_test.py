"""Layers and networks are `keras.ops` alone: they run and train on JAX too."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tests.parity import golden

SCRIPT = pathlib.Path(__file__).with_name("jax_networks.py")


def test_outputs_and_gradients_on_jax():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install jax runs this test")
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["backend"] == "jax"
    assert said["loaded"] == []
    # Another library's convolutions round otherwise; see outputs_test.py, and
    # gradients_test.py for why gradients are held less tightly.
    assert not {k: e for k, e in said["outputs"].items() if e > 2e-5}
    recorded = {
        name
        for name in golden.NUMBERS.files
        if name.startswith(("hinge/d_grad/", "hinge/g_grad/"))
    }
    assert set(said["gradients"]) == recorded
    assert not {k: e for k, e in said["gradients"].items() if e > 1e-2}
    # StarGAN, SDIT and DMIT: see baselines.py.
    assert len(said["baselines"]) == 8
    assert not {k: e for k, e in said["baselines"].items() if e > 5e-5}
    assert set(said["critic"]) == {
        name
        for name in np.load(golden.FOLDER / "stargan_small.npz").files
        if name.startswith("d_grad/")
    }
    assert not {k: e for k, e in said["critic"].items() if e > 1e-3}
