"""The step of DMIT, seen from its losses, states and weights."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.models import DMIT, build_model, dmit
from deepi2i_tf.models.dmit import DMITTranslator, _shared_quotient
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.models.noise import EPSILON, Z2
from deepi2i_tf.utils.errors import UserError
from tests.models import critics, tiny
from tests.models.on_replicas import (
    plain_descent,
    require_one_by_four_is_two_by_two,
)
from tests.parity import baselines

NAMES = {
    "content_encoder": "enc_content",
    "style_encoder": "enc_style",
    "decoder": "dec",
    "content_judge": "dis_content",
    "prior_judge": "dis_rand_prior",
    "encoded_judge": "dis_rand_enc",
}
# Their loss, and what its value is times.
RECORDED = {
    "content_judge_loss": ("D_content", 1),
    "prior_judge_loss": ("D_rand_prior", 1),
    "encoded_judge_loss": ("D_rand_enc", 1),
    "content_judge_encoder": ("G_content", 1),
    "prior_judge_generator": ("G_rand_prior", 1),
    "encoded_judge_generator": ("G_rand_enc", 1),
    "reconstruction": ("errRec", 10),
    "cycle": ("errCyc", 10),
    "kl": ("errKl", 0.01 * 3),  # Theirs is a sum over the batch.
    "style": ("errStyle", 1),
    "diversity": ("errDiv", 0.05),
    "content": ("errContent", 1),
}


def test_a_step_is_that_of_the_authors():
    """With optimizers that stand still, as theirs did."""
    golden = baselines.Golden("dmit")
    still = {"generator_lr": 0.0, "discriminator_lr": 0.0}
    made = critics.config("dmit", optimizer=still, batch_size=3)
    network = dataclasses.replace(baselines.CONFIG, model="dmit")
    model = DMIT(dataclasses.replace(made, network=network))
    model.compile()
    entries = {}
    for name, net in NAMES.items():
        entries[net] = golden.entries(model.networks[name], net)
        golden.load(entries[net], net)
    z, z2, eps = (
        baselines.latent(tag).astype("f") for tag in ("z", "z2", "eps")
    )
    source = {
        "source": baselines.source_images().astype("f"),
        "source_label": baselines.SOURCE_LABELS,
    }
    drawn = (z, baselines.SOURCE_LABELS)
    streams = {Z2.name: z2, EPSILON.name: eps}
    micro = MicroBatch(source, drawn, drawn, streams=streams)
    logs = model._train([[micro]], tf.constant(0, tf.int64))
    errors = {
        name: golden.error(f"loss/{key}", times * logs[name])
        for name, (key, times) in RECORDED.items()
    }
    scores = {"score_real", "score_fake"}
    assert set(logs) == {*RECORDED, *scores, "generator_loss"}
    assert not {name: e for name, e in errors.items() if e > 1e-5}
    for net, each in entries.items():
        for entry in each:
            key = f"after/{net}.{entry.name}"
            if key in golden.numbers.files:
                values = [v.numpy() for v in entry.variables()]
                assert golden.error(key, entry.to_torch(values)) < 1e-4


def test_decoder_and_content_encoder_take_two_steps_of_one_optimizer():
    made = critics.config("dmit")
    model = DMIT(made)
    recorders = {name: tiny.Recorder() for name in model.networks}
    model.compile(
        **{f"{name}_optimizer": each for name, each in recorders.items()}
    )
    model.train_step(critics.batch(made))
    steps = {name: len(each.calls) for name, each in recorders.items()}
    assert steps == {**dict.fromkeys(NAMES, 1), "decoder": 2,
                     "content_encoder": 2}  # fmt: skip


def test_all_weights_move_and_the_averages_follow():
    made = critics.config("dmit", batch_size=3)
    model = build_model(made)
    assert type(model) is DMIT and model.sides == ("source",)
    assert type(model.averaged) is DMITTranslator
    before = tiny.values(model)
    model.train_step(critics.batch(made))
    batch = critics.batch(made, 1)
    logs = model.train_step(batch)
    assert not tiny.unmoved(before, tiny.values(model))
    assert all(np.isfinite(value) for value in logs.values())
    assert len(model.sigmas()) == len({*model.sigmas()}) > 100
    images = critics.batch(made)["source"]
    labels = np.array([0, 1, 2], np.int32)
    assert model.scores(images, labels).shape == (3, 1)
    assert {row.shape[0] for row in model.class_rows(labels)} == {3}


def test_the_quotient_is_that_of_all_replicas(two_replicas):
    def loss_and_slope(numerator, share):
        with tf.GradientTape() as tape:
            tape.watch(share)
            loss, value = _shared_quotient(numerator, share)
        return value, tape.gradient(loss, share)

    @tf.function
    def both():
        def local():
            index = tf.cast(
                tf.distribute.get_replica_context().replica_id_in_sync_group,
                tf.float32,
            )
            return loss_and_slope(1.0 + index, 0.25 + 0.5 * index)

        values, slopes = two_replicas.run(local)
        return (
            two_replicas.reduce("SUM", values, axis=None),
            two_replicas.experimental_local_results(slopes),
        )

    value, slopes = both()
    # 3 / (1 + 1e-5), whose slope by the denominator is -3.
    np.testing.assert_allclose(value, 3.0, rtol=1e-4)
    np.testing.assert_allclose(slopes, [-3.0, -3.0], rtol=1e-4)


def test_an_image_alone_is_refused():
    with pytest.raises(UserError, match="two images.*Use --batch_size=2"):
        build_model(critics.config("dmit", batch_size=1))


def test_a_pair_of_ones_own_class_is_not_wrong(monkeypatch):
    """The judges' losses by hand where the first image's t is its y."""
    seen = {"image_judge_loss": [], "content_judge_loss": []}

    def record(name, real):
        def spy(*scores):
            seen[name].append(scores[:-1])
            return real(*scores)

        monkeypatch.setattr(dmit.matching, name, spy)

    for name in seen:
        record(name, getattr(dmit.matching, name))
    made = critics.config("dmit", batch_size=3)
    model = DMIT(made)
    model.compile(**{f"{n}_optimizer": tiny.Recorder() for n in NAMES})
    batch = critics.batch(made) | {"source_label": np.int32([1, 1, 0])}
    logs = model.train_step(batch)
    differs = np.array([0.0, 1.0, 1.0])  # Targets are 1, 0, 1.

    def mean(scores):
        return np.mean(scores, axis=(1, 2, 3))

    ((right, wrong),) = seen["content_judge_loss"]
    expected = mean((right.numpy() - 1) ** 2) + differs * mean(wrong**2)
    np.testing.assert_allclose(
        logs["content_judge_loss"], expected.sum() / 3, rtol=1e-5
    )
    judges = ("prior_judge_loss", "encoded_judge_loss")
    for name, calls in zip(judges, seen["image_judge_loss"], strict=True):
        total = 0.0
        for scale in zip(*calls, strict=True):
            own, wrong, fake = (each.numpy() for each in scale)
            total += mean(np.maximum(1 - own, 0))
            total += 0.5 * differs * mean(np.maximum(1 + wrong, 0))
            total += 0.5 * mean(np.maximum(1 + fake, 0))
        np.testing.assert_allclose(logs[name], total.sum() / 3, rtol=1e-5)


@pytest.fixture
def eagerly():
    """Functions run as they are: two traces of a step take a minute."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("eagerly")
def test_one_by_four_equals_two_by_two(two_replicas, monkeypatch):
    """Where the one replica's images have the partners they have on two."""

    def swapped(rows):
        return tf.gather(rows, [1, 0, 3, 2])

    def make(made, replicas):
        if replicas == 1:
            monkeypatch.setattr(dmit, "_next", swapped)
        else:
            monkeypatch.undo()
        model = DMIT(made)
        model.compile(**{f"{n}_optimizer": plain_descent() for n in NAMES})
        return model

    made = critics.config("dmit", batch_size=4)
    # The first replica has a class twice, of which neither pair is wrong.
    batch = critics.batch(made) | {"source_label": np.int32([1, 1, 0, 2])}
    require_one_by_four_is_two_by_two(two_replicas, make, made, batch)
