"""Layers and networks are `keras.ops` alone: they run on JAX too."""

import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

SCRIPT = pathlib.Path(__file__).with_name("jax_forward.py")


def test_forward_on_jax():
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
    # Another library's convolutions round otherwise; see outputs_test.py.
    assert not {k: e for k, e in said["errors"].items() if e > 2e-5}
