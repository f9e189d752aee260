"""The benchmarks measure what they say, at the smallest size."""

import argparse
import importlib.util
import json
import pathlib
import subprocess
import sys

import pytest

from deepi2i_tf.config import NetworkConfig
from tests.benchmarks import (
    flat_memory,
    growth,
    inference,
    loss_cost,
    serving,
    switches,
)
from tests.benchmarks.least_work import step_macs

pytestmark = pytest.mark.slow
TINY = {"resolution": 32, "ch": 2, "num_classes": 3, "batch_size": 2}


def test_inference_of_an_exported_model(tmp_path, monkeypatch):
    monkeypatch.setattr(inference.step_time, "PRODUCT_SIDE", 64)
    requested = argparse.Namespace(**TINY, batches=(1, 3))
    model = str(tmp_path / "model")
    inference.export(requested, "float32", model)
    found = inference.measure(requested, "float32", model)
    assert set(found["batches"]) == {1, 3}
    for rows, numbers in found["batches"].items():
        assert numbers["seconds"] > 0.0
        rate = rows / numbers["seconds"]
        assert numbers["images_per_second"] == pytest.approx(rate)
    # Weights of encoder, adaptor and generator alone.
    assert 0.1 < found["megabytes"] < 10.0


def test_a_point_of_growth_and_its_plot(tmp_path):
    # Two replicas take five times as long to trace; `make bench` has them.
    point = {**growth.BASE, **TINY, "num_replicas": 1}
    found = growth.measure(point, steps=1)
    network = NetworkConfig(resolution=32, ch=2, num_classes=3)
    assert found["tera_operations"] == round(
        2 * 2 * step_macs(network) / 1e12, 4
    )
    assert found["seconds"] > 0.0 and found["peak_gb"] > 0.1
    rows = {
        name: [{"value": value, **found} for value in values]
        for name, values in growth.PLAN.items()
    }
    growth.draw(rows, str(tmp_path / "growth.png"))
    assert (tmp_path / "growth.png").stat().st_size > 10_000


def test_a_step_is_the_same_step_under_xla():
    requested = argparse.Namespace(**TINY, precision="float32", steps=1)
    for switch in ("plain", "xla"):
        found = switches.measure(requested, switch)
        assert 0.0 < found["seconds"] < found["first_seconds"]


def test_a_loss_is_in_the_step_that_is_timed():
    requested = argparse.Namespace(**TINY, precision="float32")
    step = loss_cost.make_step(requested, loss_cost.LOSSES["augment"])
    assert step() > 0.0


def test_a_server_beside_the_call_in_process(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "CASES", {32: (2, 2, 4)})
    requested = argparse.Namespace(
        seconds=1.0, rounds=1, overload=4.0, overload_seconds=2.0
    )
    found = serving.measure(requested, 32, str(tmp_path))
    assert found["wrong"] == found["refused"] == 0
    assert 0.1 < found["rate"] < 2.0 and found["p99_batches"] > 1.0
    flooded = found["overload"]
    assert set(flooded["codes"]) <= {"200", "429"}
    assert flooded["wrong"] == flooded["broken"] == 0


def test_memory_is_watched_through_a_real_run(tmp_path):
    notes = flat_memory.watch(tmp_path, steps=100, flags={})
    assert len(notes) == flat_memory.NOTES
    assert all(100.0 < note < 4000.0 for note in notes)


def test_networks_on_jax():
    if importlib.util.find_spec("jax") is None:
        pytest.skip("JAX is not installed: pip install jax runs this test")
    script = pathlib.Path(__file__).with_name("jax_networks.py")
    small = ["--resolution=32", "--ch=2", "--num_classes=3", "--batch_size=2"]
    ran = subprocess.run(
        [sys.executable, script, *small, "--product_side=64", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said.pop("device")
    assert set(said) == {"float32", "mixed_bfloat16"}
    for networks in said.values():
        assert set(networks) == {"generator", "discriminator"}
        for kinds in networks.values():
            assert 0.0 < kinds["forward"]["seconds"]
            assert set(kinds) == {"forward", "gradient"}
