import numpy as np
import pytest

from deepi2i_tf.data.arrays import load_arrays
from deepi2i_tf.data.pipeline import read_split
from deepi2i_tf.data.prepared.find import find_prepared
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set


@pytest.fixture(name="data")
def _data(tmp_path):
    prepared_set.write_prepared(tmp_path)
    return find_prepared(str(tmp_path), "creatures", 8)


def test_all_of_a_split(data):
    arrays = load_arrays(data, "train")
    assert arrays["image"].shape == (23, 8, 8, 3)
    assert arrays["image"].dtype == np.uint8
    assert arrays["label"].dtype == np.int32
    assert arrays["pose"].shape == (23, 5)
    stored = list(read_split(data, "train").as_numpy_iterator())
    for name, values in arrays.items():
        np.testing.assert_array_equal(values, [e[name] for e in stored])


def test_the_first_ones(data):
    everything = load_arrays(data, "train")
    few = load_arrays(data, "train", limit=4)
    np.testing.assert_array_equal(few["id"], everything["id"][:4])


def test_the_first_of_each_class(data):
    everything = load_arrays(data, "train")
    arrays = load_arrays(data, "train", per_class=2)
    assert sorted(arrays["label"]) == [0, 0, 1, 1, 2, 2]
    for label in range(3):
        np.testing.assert_array_equal(
            arrays["id"][arrays["label"] == label],
            everything["id"][everything["label"] == label][:2],
        )
    both = load_arrays(data, "train", limit=3, per_class=2)
    np.testing.assert_array_equal(both["id"], arrays["id"][:3])


def test_damage_is_refused_by_name(data):
    file = prepared_set.shard_file(data.path, "test")
    prepared_set.damage(file)
    with pytest.raises(UserError, match=file):
        load_arrays(data, "test")
