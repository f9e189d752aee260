import numpy as np

from deepi2i_tf.evaluation.pictures.interpolation import (
    NUM_STEPS,
    class_strips,
    z_strips,
)

SOURCES = np.stack([np.full((4, 4, 3), v, np.uint8) for v in (0, 100)])


def test_class_strips_walk_from_class_to_class():
    calls = []

    def mix(images, z, first, second, amount):
        assert images.shape == (NUM_STEPS, 4, 4, 3)
        assert images.dtype == z.dtype == amount.dtype == np.float32
        assert first.dtype == second.dtype == np.int32
        assert (z == z[0]).all()
        calls.append((first[0], second[0], amount.tolist()))
        return images

    strips = class_strips(mix, SOURCES, 3, 5, seed=0)
    assert strips["class_strips"].shape == (2, NUM_STEPS, 4, 4, 3)
    assert strips["class_strip_targets"].tolist() == [[0, 1], [1, 2]]
    assert [call[:2] for call in calls] == [(0, 1), (1, 2)]
    assert calls[0][2][0] == 0.0 and calls[0][2][-1] == 1.0
    # Sources take turns.
    assert strips["class_strips"][:, 0, 0, 0, 0].tolist() == [0, 100]


def test_many_classes_get_a_few_strips():
    strips = class_strips(lambda images, *_: images, SOURCES, 149, 5, seed=0)
    targets = strips["class_strip_targets"]
    assert targets[0, 0] == 0 and targets[-1, 1] == 148 and len(targets) <= 6
    np.testing.assert_array_equal(targets[1:, 0], targets[:-1, 1])


def test_z_strips_walk_between_two_z():
    def translate(images, z, labels):
        assert z.shape == (NUM_STEPS, 5) and (labels == labels[0]).all()
        amounts = np.arange(NUM_STEPS) / (NUM_STEPS - 1)
        ends = z[:1], z[-1:]
        expected = [between(ends[0][0], ends[1][0], a) for a in amounts]
        np.testing.assert_allclose(z, expected, atol=1e-6)
        assert (z[0] != z[-1]).all()
        return images

    def between(first, second, amount):
        return ((1 - amount) * first + amount * second).astype(np.float32)

    strips = z_strips(translate, between, SOURCES, 2, 5, seed=0)
    assert strips["z_strips"].shape == (2, NUM_STEPS, 4, 4, 3)
    assert strips["z_strip_targets"].tolist() == [0, 1]


def test_a_single_class_leads_nowhere():
    assert class_strips(lambda *_: None, SOURCES, 1, 5, seed=0) == {}
