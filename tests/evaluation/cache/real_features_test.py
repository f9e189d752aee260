import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.real_features import RealFeatures


class _Extractor:
    """Features are the mean colour, so that truth is known."""

    def __init__(self, stop_at=None):
        self.batches, self._stop_at = 0, stop_at

    def features(self, images):
        if self.batches == self._stop_at:
            raise KeyboardInterrupt
        self.batches += 1
        return images.mean(axis=(1, 2), dtype=np.float32)


def _reals(data, folder, per_class=0):
    return RealFeatures(data, "test", per_class, str(folder), 3)


def _truth(data, label):
    examples = [e for e in data.read("test") if e["label"] == label]
    return [e["image"].mean(axis=(0, 1), dtype=np.float32) for e in examples]


def test_features_come_class_by_class(data, tmp_path):
    reals = _reals(data, tmp_path)
    reals.read(_Extractor(), 10)
    assert reals.counts == [16, 16, 16]
    for label in range(3):
        np.testing.assert_array_equal(
            reals.of_class(label), _truth(data, label)
        )


def test_takes_so_many_of_each_class(data, tmp_path):
    reals = _reals(data, tmp_path, 5)
    reals.read(_Extractor(), 4)
    assert reals.counts == [5, 5, 5]
    np.testing.assert_array_equal(reals.of_class(1), _truth(data, 1)[:5])


def test_finds_the_images_again(data, tmp_path):
    reals = _reals(data, tmp_path, 5)
    reals.read(_Extractor(), 4)
    rows = reals.rows_of(2)[[3, 0]]
    images = reals.images(rows)
    np.testing.assert_array_equal(
        images.mean(axis=(1, 2), dtype=np.float32), reals.of_class(2)[[3, 0]]
    )


@pytest.mark.parametrize("torn", [b"", b"torn"])
def test_goes_on_behind_the_last_whole_batch(data, tmp_path, torn):
    with pytest.raises(KeyboardInterrupt):
        _reals(data, tmp_path).read(_Extractor(stop_at=2), 10)
    with open(tmp_path / "reals.features", "ab") as file:
        file.write(torn)
    extractor = _Extractor()
    reals = _reals(data, tmp_path)
    reals.read(extractor, 10)
    assert extractor.batches == 3  # 48 images, 20 of which were done
    for label in range(3):
        np.testing.assert_array_equal(
            reals.of_class(label), _truth(data, label)
        )
