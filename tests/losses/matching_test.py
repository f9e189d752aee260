import numpy as np

from deepi2i_tf.losses import matching


def patch(*values):
    """Patches of 2 x 2 with one value each."""
    return np.ones((1, 2, 2, 1)) * np.reshape(values, (-1, 1, 1, 1))


def test_an_image_judge_by_hand():
    right, wrong = [patch(0.5, 2.0)], [patch(-0.5, 0.0)]
    fake, differs = [patch(1.0, -3.0)], np.array([1.0, 0.0])
    loss = matching.image_judge_loss(right, wrong, fake, differs)
    # 0.5 + 0.5 / 2 + 2 / 2, and 0 + 0 + 0: its wrong pair is right.
    np.testing.assert_allclose(loss, [1.75, 0.0])
    twice = matching.image_judge_loss(2 * right, 2 * wrong, 2 * fake, differs)
    np.testing.assert_allclose(twice, [3.5, 0.0])
    np.testing.assert_allclose(
        matching.image_generator_loss(2 * fake), [-2.0, 6.0]
    )


def test_a_content_judge_by_hand():
    right, wrong = patch(0.5, 1.0), patch(-2.0, 3.0)
    loss = matching.content_judge_loss(right, wrong, np.array([1.0, 0.0]))
    np.testing.assert_allclose(loss, [0.25 + 4.0, 0.0])
    np.testing.assert_allclose(matching.content_loss(right), [0.25, 0.0])


def test_the_quotient_does_not_divide_by_zero():
    assert matching.diversity_quotient(2.0, 0.5 - 1e-5) == 4.0
    assert np.isfinite(matching.diversity_quotient(2.0, 0.0))
