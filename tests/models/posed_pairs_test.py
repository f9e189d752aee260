"""Tests of identity rows and posed pairs, and of the losses over them."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, DataConfig, PoseConfig
from deepi2i_tf.losses import geometry
from deepi2i_tf.models.micro_batches import cut_rounds
from deepi2i_tf.models.pose_objective import TEMPERATURE, PoseObjective
from deepi2i_tf.models.posed_pairs import pose_rows
from tests.models import tiny
from tests.models.deepi2i_replicas_test import model_of
from tests.models.on_replicas import require_one_by_four_is_two_by_two
from tests.models.small_networks import small_networks, small_translator
from tests.networks.tiny import images

STEP = tf.constant(3, tf.int64)
SIDE = tiny.NETWORK.resolution


def made(pose, rows=8, flip=False, **training) -> Config:
    plain = tiny.config(batch_size=rows, **training)
    data = DataConfig(flip=flip)
    return dataclasses.replace(plain, pose=PoseConfig(**pose), data=data)


def posed(config, step=STEP):
    """The plain micro-batches of a step and the arranged ones."""
    (micros,) = cut_rounds(tiny.batch(config), step, config)
    return micros, pose_rows(micros, step, config)


def swapping(images, z, labels):
    """A translator whose result depends on all that it is given."""
    extra = z[:, :1] + tf.cast(labels, "float32")[:, None]
    return -images + 0.1 * extra[:, None, None]


def equal(one, other) -> bool:
    return np.array_equal(one, other)


def test_nothing_changes_without_losses_of_the_pose():
    plain, same = posed(made({}))
    assert plain is same


def test_second_rows_are_the_first_ones_posed():
    ((plain,), (micro,)) = posed(made({"equivariance": 1.0}))
    source, before = micro.images["source"], plain.images["source"]
    assert equal(source[0::2], before[0::2])
    twins = geometry.warp(before[0::2], micro.pairs.inverses[:, 0])
    assert equal(source[1::2], twins)
    assert np.abs(twins - before[0::2]).max() > 0.1
    for values in (*micro.generator, micro.images["source_label"]):
        assert equal(values[0::2], values[1::2])
    for one, other in zip(micro.generator, plain.generator, strict=True):
        assert equal(one[0::2], other[0::2])
    # The discriminator's phase and its reals are left alone.
    assert micro.discriminator is plain.discriminator
    assert micro.images["target"] is plain.images["target"]


def test_transforms_stay_in_their_ranges():
    _, (micro,) = posed(made({"equivariance": 1.0}, rows=400))
    a, b, c, d, e, f = np.moveaxis(micro.pairs.matrices[..., :6], -1, 0)
    turns, scales = np.arctan2(d, a), np.log(np.hypot(a, d))
    assert 0.33 < np.abs(turns).max() <= 0.35 + 1e-5
    assert 0.17 < np.abs(scales).max() <= 0.18 + 1e-5
    np.testing.assert_allclose(turns.mean(), 0.0, atol=0.03)
    middle = (SIDE - 1) / 2
    shift_x = a * middle + b * middle + c - middle
    assert 0.9 * 0.08 * SIDE < np.abs(shift_x).max() <= 0.0801 * SIDE
    np.testing.assert_allclose(a * e - b * d, np.hypot(a, d) ** 2, rtol=1e-4)


@pytest.mark.parametrize("flip", [False, True])
def test_a_mirror_is_among_them_only_where_images_are_mirrored(flip):
    _, (micro,) = posed(made({"equivariance": 1.0}, rows=64, flip=flip))
    a, b, _, d, e, _ = np.moveaxis(micro.pairs.matrices[..., :6], -1, 0)
    mirrored = (a * e - b * d < 0).mean()
    assert 0.3 < mirrored < 0.7 if flip else mirrored == 0.0


def test_a_share_of_the_pairs_is_posed():
    config = made({"equivariance": 1.0, "equivariance_share": 0.5}, rows=400)
    ((plain,), (micro,)) = posed(config)
    active = micro.pairs.active.numpy().astype(bool)
    assert 0.35 < active.mean() < 0.65
    source, before = micro.images["source"], plain.images["source"]
    changed = [
        not equal(*rows)
        for rows in zip(source[1::2], before[1::2], strict=True)
    ]
    assert changed == active.tolist()


def test_identity_rows_have_their_own_class():
    config = made({"identity": 1.0, "identity_share": 0.5}, rows=400)
    ((plain,), (micro,)) = posed(config)
    own = micro.images["source_label"]
    labels, before = micro.generator[1], plain.generator[1]
    kept = labels == before
    assert equal(np.where(kept, before, own), labels)
    chance = 1 / config.network.num_classes
    expected = 0.5 + 0.5 * chance
    assert abs((labels == own).numpy().mean() - expected) < 0.08
    assert micro.pairs is None


def test_a_pair_may_be_of_identity_rows():
    pose = {"identity": 1.0, "identity_share": 1.0, "equivariance": 1.0}
    _, (micro,) = posed(made(pose))
    assert equal(micro.generator[1], micro.images["source_label"])


def test_draws_are_of_seed_and_step_and_of_the_larger_batch():
    pose = {"identity": 1.0, "identity_share": 0.5, "equivariance": 1.0}
    _, (one,) = posed(made(pose))
    _, (same,) = posed(made(pose))
    _, (later,) = posed(made(pose), STEP + 1)
    assert equal(one.pairs.matrices, same.pairs.matrices)
    assert not equal(one.pairs.matrices, later.pairs.matrices)
    _, cut = posed(made(pose, rows=4, num_accumulations=2))
    whole = np.concatenate([micro.pairs.matrices for micro in cut])
    np.testing.assert_allclose(whole, one.pairs.matrices, rtol=1e-6)


def test_losses_by_hand():
    pose = {"identity": 2.0, "identity_share": 0.5, "equivariance": 3.0}
    config = made(pose | {"pose_ramp": (2, 6)})
    _, (micro,) = posed(config)
    fake = tf.constant(images(batch=8, seed=9))
    loss, logs = PoseObjective(config.pose, 8, swapping)(fake, micro, STEP)
    total = 0.0
    for pair in range(4):
        there = geometry.warped_distances(
            fake[2 * pair + 1, None],
            fake[2 * pair, None],
            micro.pairs.inverses[pair, None],
        )
        back = geometry.warped_distances(
            fake[2 * pair, None],
            fake[2 * pair + 1, None],
            micro.pairs.matrices[pair, None],
        )
        for distances in (there[0], back[0]):
            fit = np.exp(-distances / TEMPERATURE)
            total -= np.log(fit[0] / fit.sum())
    np.testing.assert_allclose(logs["equivariance"], total / 8, rtol=1e-4)
    own = micro.images["source_label"] == micro.generator[1]
    far = geometry.pyramid_distance(fake, micro.images["source"])
    expected = np.where(own, far, 0.0).sum() / 8
    assert expected > 0.0
    np.testing.assert_allclose(logs["identity"], expected, rtol=1e-5)
    # Step 3 is a quarter of the way from 2 to 6.
    weighted = 3.0 * logs["equivariance"] + 2.0 * logs["identity"]
    np.testing.assert_allclose(loss, 0.25 * weighted, rtol=1e-5)


def test_the_l1_form_is_the_distance_itself():
    pose = {"equivariance": 1.0, "equivariance_form": "l1"}
    config = made(pose | {"equivariance_share": 0.5})
    _, (micro,) = posed(config)
    fake = tf.constant(images(batch=8, seed=9))
    loss, _ = PoseObjective(config.pose, 8, swapping)(fake, micro, STEP)
    there = geometry.warped_distances(
        fake[1::2], fake[0::2], micro.pairs.inverses
    )
    back = geometry.warped_distances(
        fake[0::2], fake[1::2], micro.pairs.matrices
    )
    both = (there + back)[:, 0] * micro.pairs.active
    np.testing.assert_allclose(loss, both.numpy().sum() / 8, rtol=1e-5)


@pytest.mark.parametrize(
    "ramp, weights", [((0, 0), (1.0, 1.0)), ((4, 4), (0.0, 1.0))]
)
def test_a_ramp_of_no_length_is_a_switch(ramp, weights):
    config = made({"equivariance": 1.0, "pose_ramp": ramp})
    _, (micro,) = posed(config)
    fake = tf.constant(images(batch=8, seed=9))
    for step, weight in zip((3, 4), weights, strict=True):
        step = tf.constant(step, tf.int64)
        loss, logs = PoseObjective(config.pose, 8, swapping)(fake, micro, step)
        np.testing.assert_allclose(loss, weight * logs["equivariance"])


def test_every_fourth_row_goes_there_and_back():
    config = made({"cycle": 2.0, "pose_ramp": (2, 6)})
    ((plain,), (micro,)) = posed(config)
    assert micro is plain
    fake = tf.constant(images(batch=8, seed=9))
    loss, logs = PoseObjective(config.pose, 8, swapping)(fake, micro, STEP)
    total = 0.0
    for row in (0, 4):
        here = slice(row, row + 1)
        own = micro.images["source_label"][here]
        z = micro.discriminator[0][here]
        assert not equal(z, micro.generator[0][here])
        back = swapping(fake[here], z, own)
        far = geometry.pyramid_distance(back, micro.images["source"][here])
        total += float(far[0]) / 2
    np.testing.assert_allclose(logs["cycle"], total, rtol=1e-5)
    np.testing.assert_allclose(loss, 0.25 * 2.0 * total, rtol=1e-5)


def test_the_way_back_trains_and_moves_no_state():
    objective = {"reconstruction": "none"}
    plain, cycling = (
        dataclasses.replace(
            tiny.config(objective, batch_size=4), pose=PoseConfig(cycle=weight)
        )
        for weight in (0.0, 1.0)
    )
    models = [tiny.recording(config) for config in (plain, cycling)]
    for model in models:
        model.train_step(tiny.batch(plain))
    one, other = map(tiny.values, models)
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], name)
    for name in tiny.TRANSLATOR:
        without, along = (model.optimizers[name].calls[0] for model in models)
        pairs = zip(without, along, strict=True)
        assert any(np.abs(a - b).max() > 1e-6 for a, b in pairs), name


def test_one_by_four_equals_two_by_two(two_replicas):
    def small_model(config, replicas):
        return model_of(small_networks(replicas), small_translator(), config)

    pose = {"equivariance": 1.0, "identity": 1.0, "identity_share": 0.5}
    config = made(pose, rows=4, num_accumulations=2)
    require_one_by_four_is_two_by_two(
        two_replicas, small_model, config, tiny.batch(config)
    )
