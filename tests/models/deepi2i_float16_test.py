"""Loss scaling in the whole step: what is skipped, kept and restored."""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import build_model
from tests.models import tiny

# Far from overflowing, at this size.
SCALE = 2.0**8


def float16_model(**training):
    made = tiny.config(mixed_precision="mixed_float16", **training)
    model = build_model(made)
    for optimizer in model.optimizers.values():
        optimizer.dynamic_scale.assign(SCALE)
    return model


def scales(model):
    return {
        name: float(optimizer.dynamic_scale)
        for name, optimizer in model.optimizers.items()
    }


def optimizer_values(model, name):
    return {v.path: v.numpy() for v in model.optimizers[name].variables}


@pytest.fixture(scope="module")
def stepped():
    """A model after a step in which the discriminator's gradients overflow,
    with its weights and the discriminator's optimizer from before."""
    model = float16_model(num_accumulations=2)
    model.optimizers["discriminator"].dynamic_scale.assign(2.0**100)
    before = tiny.values(model), optimizer_values(model, "discriminator")
    logs = model.train_step(tiny.batch(model.config))
    return model, before, logs


def test_a_network_whose_gradients_overflow_stands_still(stepped):
    model, (_, slots), _ = stepped
    after = optimizer_values(model, "discriminator")
    scale = "discriminator_loss_scaling/dynamic_scale"
    assert after.pop(scale) == slots.pop(scale) / 2 == 2.0**99
    for name, value in slots.items():
        np.testing.assert_array_equal(after[name], value, name)


def test_the_other_networks_and_the_averages_move(stepped):
    model, (before, _), _ = stepped
    after = tiny.values(model)
    unmoved = tiny.unmoved(before, after)
    trained = {
        f"discriminator/{w.path}" for w in model.discriminator.trainable_weights
    }
    assert trained <= unmoved
    assert len(unmoved) < len(trained) + 0.1 * len(before)
    assert all(np.isfinite(value).all() for value in after.values())
    assert int(model.step) == 1


def test_losses_are_finite_and_the_scales_logged(stepped):
    model, _, logs = stepped
    assert all(np.isfinite(value) for value in logs.values())
    assert float(logs["log2_loss_scale/discriminator"]) == pytest.approx(99)
    assert float(logs["log2_loss_scale/encoder"]) == pytest.approx(8)
    assert {**scales(model), "discriminator": SCALE} == dict.fromkeys(
        model.optimizers, SCALE
    )


def test_a_checkpoint_has_scales_counters_and_slots(stepped, tmp_path):
    model, _, _ = stepped
    path = tf.train.Checkpoint(**model.checkpoint_items()).write(
        str(tmp_path / "ckpt")
    )
    again = float16_model(num_accumulations=2, seed=2)
    items = again.checkpoint_items()
    tf.train.Checkpoint(**items).read(path).assert_consumed()
    for name in model.optimizers:
        stored = optimizer_values(model, name)
        restored = optimizer_values(again, name)
        assert len(stored) == len(items[f"{name}_optimizer"])
        assert stored.keys() == restored.keys()
        for kind in ("/dynamic_scale", "/step_counter", "_velocity"):
            assert any(path.endswith(kind) for path in stored), kind
        for path, value in stored.items():
            np.testing.assert_array_equal(restored[path], value, path)
