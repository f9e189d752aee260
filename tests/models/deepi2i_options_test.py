"""Steps under the objective's and the training's other values."""

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.losses.regularizers import orthogonal_penalty
from deepi2i_tf.models import DeepI2I, build_model
from deepi2i_tf.networks import (
    NETWORK_NAMES,
    spectral_layers,
    z_length,
)
from tests.models import tiny
from tests.models.small_networks import small_networks, small_translator


@pytest.mark.parametrize(
    "objective",
    [
        {"loss": "softplus", "reconstruction": "l2"},
        {"loss": "minimax", "reconstruction": "ssim"},
        {"reconstruction": "none", "r1": 1.0, "orthogonal": 1e-4},
        {"augment": ("translation", "cutout"), "r1": 1.0, "lecam": 0.1},
        {"augment": ("cutout",), "augment_target": 0.6, "consistency": 10.0},
        {"group_spectral": 0.5},
        {"transition": (2, 4), "loss": "softplus"},
    ],
)
def test_every_objective_trains(objective):
    made = tiny.config(objective)
    logs = build_model(made).train_step(tiny.batch(made))
    assert all(np.isfinite(value) for value in logs.values())
    assert ("r1" in logs) == ("r1" in objective)
    no_distance = objective.get("reconstruction") == "none"
    assert (logs["reconstruction"] == 0.0) == no_distance


def recording(made):
    """Records gradients of networks at their smallest."""
    networks, averaged = dict(small_networks().items()), small_translator()
    model = DeepI2I(made, networks=networks, averaged=averaged)
    model.compile(
        **{f"{name}_optimizer": tiny.Recorder() for name in NETWORK_NAMES}
    )
    return model


def generator_gradients(made):
    model = recording(made)
    model.train_step(tiny.batch(made))
    return model, model.optimizers["generator"].calls[0]


def test_the_class_comes_in_with_the_transition():
    made = tiny.config({"transition": (1, 3)})
    batch, same = tiny.batch(made), []
    model = tiny.recording(made)
    z, adapted = tf.zeros((2, z_length(made.network))), None
    for step in range(4):
        model.step.assign(step)
        fakes = model._generate(z, adapted, np.array([0, 0], np.int32))
        others = model._generate(z, adapted, np.array([1, 1], np.int32))
        same.append(np.array_equal(fakes, others))
    assert same == [True, True, False, False]
    model.step.assign(0)
    model.train_step(batch)
    names = [v.path for v in model.discriminator.trainable_variables]
    gradients = model.optimizers["discriminator"].calls[0]
    by_name = dict(zip(names, gradients, strict=True))
    embeddings = [g for path, g in by_name.items() if "embed" in path]
    assert embeddings and not np.any(embeddings[0])
    assert all(np.any(g) for path, g in by_name.items() if "linear" in path)


@pytest.mark.parametrize("accumulations", [1, 2])
def test_orthogonal_regularisation_adds_its_gradient_once(accumulations):
    accumulate = {"num_accumulations": accumulations}
    _, plain = generator_gradients(tiny.config(**accumulate))
    model, gradients = generator_gradients(
        tiny.config({"orthogonal": 100.0}, **accumulate)
    )
    generator = model.networks["generator"]
    with tf.GradientTape() as tape:
        penalty = 100.0 * orthogonal_penalty(
            layer.raw_weight for layer in spectral_layers(generator)
        )
    expected = tape.gradient(
        penalty,
        [v.value for v in generator.trainable_variables],
        unconnected_gradients=tf.UnconnectedGradients.ZERO,
    )
    for with_penalty, without, extra in zip(
        gradients, plain, expected, strict=True
    ):
        np.testing.assert_allclose(
            with_penalty - without, extra, rtol=1e-3, atol=1e-4
        )
    # The shared embedding is left out.
    index = next(
        i
        for i, v in enumerate(generator.trainable_variables)
        if "shared" in v.path
    )
    np.testing.assert_array_equal(gradients[index], plain[index])


def test_r1_comes_in_every_r1_every_th_step():
    objective = {"r1": 10.0, "r1_every": 2}
    penalised, plain = (
        recording(tiny.config(values)) for values in (objective, {})
    )
    made, seen = tiny.config(objective), []
    for seed in range(3):
        for model in (penalised, plain):
            logs = model.train_step(tiny.batch(made, seed))
            seen += [float(logs["r1"])] if "r1" in logs else []
    assert seen[0] > 0.0 and seen[1] == 0.0 and seen[2] > 0.0
    first, other = (
        model.optimizers["discriminator"].calls for model in (penalised, plain)
    )
    for step, same in enumerate((False, True, False)):
        pairs = zip(first[step], other[step], strict=True)
        assert all(np.array_equal(a, b) for a, b in pairs) == same


def test_a_source_and_its_translation_are_augmented_alike(monkeypatch):
    made = tiny.config({"augment": ("translation",)})
    model, shown = recording(made), []
    discriminate, generate = model._discriminate, model._generate

    def watched(images, labels, training):
        shown.append(np.array(images))
        return discriminate(images, labels, training)

    # White images: what comes in at their borders is seen.
    monkeypatch.setattr(model, "_discriminate", watched)
    monkeypatch.setattr(model, "_generate", lambda *z: 0 * generate(*z) + 1)
    batch = tiny.batch(made)
    batch["source"] = batch["target"] = np.ones_like(batch["source"])
    model.train_step(batch)
    both, source, fake = shown
    np.testing.assert_array_equal(source, fake)
    fakes, reals = np.split(both, 2)
    assert not np.array_equal(fakes, reals)
    assert not np.array_equal(fakes, fake)
    for images in shown:
        assert set(np.unique(images)) == {0.0, 1.0}


def test_score_averages_move_by_a_hundredth_and_are_saved():
    made = tiny.config({"lecam": 0.1}, num_accumulations=2)
    model = recording(made)
    logs = model.train_step(tiny.batch(made))
    saved = model.checkpoint_items()["score_averages"]
    for name in ("real", "fake"):
        expected = 0.01 * logs[f"score_{name}"]
        np.testing.assert_allclose(saved[name], expected, rtol=1e-4)
    assert "score_averages" not in recording(tiny.config()).checkpoint_items()


def test_the_probability_follows_the_signs():
    objective = {"augment": ("color",), "augment_target": 0.6}
    made = tiny.config(objective | {"augment_kimg": 0.04})
    model = recording(made)
    probability = model.augment_probability
    assert set(model.checkpoint_items()["augment_probability"]) == {
        "value",
        "signs",
    }
    signs = []
    for step in range(4):
        assert float(probability.value) == 0.0
        np.testing.assert_allclose(probability.signs, sum(signs))
        logs = model.train_step(tiny.batch(made, step))
        signs.append(float(logs["sign_real"]))
    # Two images a step, four steps: a fifth of 40 images.
    expected = 0.2 if np.mean(signs) > 0.6 else 0.0
    np.testing.assert_allclose(probability.value, expected, rtol=1e-5)
    assert float(probability.signs) == 0.0
    probability.value.assign(0.95)
    for sign, value in ((1.0, 1.0), (-1.0, 0.8)):
        for _ in range(4):
            probability.update({"sign_real": tf.constant(sign)})
            model.step.assign_add(1)
        np.testing.assert_allclose(probability.value, value, rtol=1e-5)


def test_consistency_compares_a_real_image_with_itself_changed():
    made = tiny.config({"consistency": 10.0})
    model, plain = recording(made), recording(tiny.config())
    batch = tiny.batch(made)
    logs = model.train_step(batch)
    without = plain.train_step(batch)
    assert logs["consistency"] > 0.0
    np.testing.assert_allclose(
        logs["discriminator_loss"], without["discriminator_loss"], rtol=1e-5
    )
    one, other = (
        m.optimizers["discriminator"].calls[0] for m in (model, plain)
    )
    differ = [np.abs(a - b).max() for a, b in zip(one, other, strict=True)]
    assert max(differ) > 1e-4
    before, after = tiny.values(plain), tiny.values(model)
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value, name)


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_mixed_precision_trains_with_float32_weights_and_logs(kind):
    made = tiny.config(mixed_precision=f"mixed_{kind}")
    model = build_model(made)
    for optimizer in model.optimizers.values():
        if kind == "float16":  # Its first scales would overflow and be halved.
            optimizer.dynamic_scale.assign(256.0)
    before = tiny.values(model)
    logs = model.train_step(tiny.batch(made))
    for name, value in logs.items():
        assert value.dtype == tf.float32, name
        assert np.isfinite(value), name
    assert {w.dtype for _, w in model.named_weights()} == {"float32"}
    moved = before.keys() - tiny.unmoved(before, tiny.values(model))
    assert len(moved) > 0.9 * len(before)


def test_mixed_precision_says_about_the_same_as_float32():
    losses = []
    for precision in ("float32", "mixed_bfloat16", "mixed_float16"):
        made = tiny.config(mixed_precision=precision)
        losses.append(build_model(made).train_step(tiny.batch(made)))
    full, *mixed = losses
    for name in ("discriminator_loss", "reconstruction"):
        for other in mixed:
            np.testing.assert_allclose(other[name], full[name], rtol=0.05)


def test_one_seed_is_one_run_and_another_seed_another():
    def run(seed):
        made = tiny.config(seed=seed)
        model = build_model(made)
        model.train_step(tiny.batch(made))
        return tiny.values(model)

    one, same, other = run(1), run(1), run(2)
    for name, value in one.items():
        np.testing.assert_array_equal(value, same[name], name)
    assert not np.array_equal(
        one["generator/generator/linear/kernel"],
        other["generator/generator/linear/kernel"],
    )
