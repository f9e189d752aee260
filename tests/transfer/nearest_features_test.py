import numpy as np

from deepi2i_tf.networks import build_network
from deepi2i_tf.transfer import nearest_features
from deepi2i_tf.transfer.nearest_features import (
    IMAGES_PER_CLASS,
    nearest_classes,
    pooled_means,
)
from tests.networks import tiny

EMBEDDINGS = np.array(
    [[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [9.0, 9.0, 9.0]], np.float32
)


def test_each_class_gets_the_row_that_points_at_it():
    means = np.array([[5.0, 5, 9], [5, 9, 5], [9, 5, 5]])
    found = nearest_classes(means, np.ones(3, int), EMBEDDINGS)
    # Uncentred, the long last row would serve all of them.
    assert ((means @ EMBEDDINGS.T).argmax(1) == 3).all()
    assert found == {0: 2, 1: 1, 2: 0}


def test_a_long_row_does_not_serve_classes_of_other_rows():
    rows = np.array([[1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0], [8.0, 6.0, 0]])
    means = 4.0 * np.eye(3)
    plain = (means - means.mean(0)) @ rows.T
    assert plain.argmax(1).tolist() == [3, 3, 2]
    found = nearest_classes(means, np.ones(3, int), rows)
    assert found == {0: 3, 1: 1, 2: 2}


def test_classes_without_images_are_left_out():
    means = np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 2.0]])
    found = nearest_classes(means, np.array([3, 0, 1]), EMBEDDINGS)
    assert set(found) == {0, 2}
    assert nearest_classes(means, np.zeros(3, int), EMBEDDINGS) == {}
    assert nearest_classes(means, np.array([0, 9, 0]), EMBEDDINGS) == {}


def test_means_are_the_discriminators_pooled_features():
    discriminator = build_network("discriminator", tiny.CONFIG)
    trunk = build_network("encoder", tiny.CONFIG)
    for mine, theirs in zip(
        trunk.trunk.weights, discriminator.trunk.weights, strict=True
    ):
        mine.assign(theirs)
    images = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), np.uint8)
    labels = np.array([0, 2, 0, 2, 0])
    features = discriminator.pooled_shape[-1]
    batches = [(images[:3], labels[:3]), (images[3:], labels[3:])]
    means, counts = pooled_means(trunk, batches, (3, features))
    assert counts.tolist() == [3, 0, 2]
    # By hand: what the head adds to the score of class 1 is <row, h>.
    signed = images / np.float32(127.5) - 1.0
    scores = [
        discriminator(signed, np.full(5, label, np.int32))[0].numpy()[:, 0]
        for label in (0, 1)
    ]
    rows = discriminator.embedding(np.array([0, 1], np.int32)).numpy()
    expected = (scores[1] - scores[0])[labels == 0].mean()
    np.testing.assert_allclose(
        means[0] @ (rows[1] - rows[0]), expected, rtol=1e-3, atol=1e-6
    )
    assert not means[1].any()


def test_no_more_images_are_read_than_needed(monkeypatch):
    monkeypatch.setattr(
        nearest_features,
        "_pooled",
        lambda trunk, images: np.ones((len(images), 1)),
    )
    read = []

    def batches():
        for number in range(100):
            read.append(number)
            yield np.zeros((20, 1)), np.arange(20) % 2

    means, counts = pooled_means(None, batches(), (2, 1))
    assert counts.tolist() == [IMAGES_PER_CLASS] * 2
    assert len(read) == IMAGES_PER_CLASS / 10
    assert means.tolist() == [[1.0], [1.0]]
