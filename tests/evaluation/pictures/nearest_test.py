import types

import numpy as np

from deepi2i_tf.evaluation.pictures.nearest import nearest_images


class _Reals:
    """One number as a feature: rows 0 to 9, odd ones of class 1."""

    counts = (5, 5)

    def rows_of(self, label):
        return np.arange(label, 10, 2)

    def of_class(self, label):
        return self.rows_of(label).astype(np.float32)[:, None]

    def images(self, rows):
        return np.broadcast_to(
            rows[:, None, None, None], (len(rows), 2, 2, 3)
        ).astype(np.uint8)


class _Samples:
    targets = np.array([1, 0])

    def in_order(self, kept):
        return np.stack([kept[target][0] for target in self.targets])


def _measurement():
    results = [
        {"chosen": images, "chosen_features": np.array([[feature]])}
        for images, feature in (
            (np.full((1, 2, 2, 3), 60, np.uint8), 3.9),
            (np.full((1, 2, 2, 3), 70, np.uint8), 8.5),
        )
    ]
    return types.SimpleNamespace(results=results, samples=_Samples())


def test_the_nearest_of_the_target_class_come_first():
    found = nearest_images(_measurement(), _Reals())
    assert found["nearest_query"][:, 0, 0, 0].tolist() == [70, 60]
    assert found["nearest_found"].shape == (2, 3, 2, 2, 3)
    first = found["nearest_found"][:, :, 0, 0, 0]
    assert first.tolist() == [[9, 7, 5], [4, 2, 6]]
    np.testing.assert_allclose(
        found["nearest_distance"], [[0.5, 1.5, 3.5], [0.1, 1.9, 2.1]]
    )


def test_a_class_of_two_images_has_no_three_neighbours():
    reals = _Reals()
    reals.counts = (2, 5)
    assert nearest_images(_measurement(), reals) == {}
