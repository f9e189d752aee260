import dataclasses

import numpy as np
import pytest

from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.utils.errors import UserError


def test_batches_are_those_of_any_step(tiny, tmp_path):
    data = load_dataset(tiny(tmp_path, num_accumulations=2))
    assert data.class_names == data.train().class_names
    first, second = data.train().take(2).as_numpy_iterator()
    assert first["source"].shape == (4, 32, 32, 3)
    (again,) = data.train().from_step(1).take(1).as_numpy_iterator()
    for name, rows in second.items():
        np.testing.assert_array_equal(again[name], rows)
    pretraining = load_dataset(tiny(tmp_path, stage="pretrain")).train()
    assert set(pretraining.element_spec) == {"target", "target_label"}


def test_held_out_images_come_once(tiny, tmp_path):
    data = load_dataset(tiny(tmp_path))
    batches = list(data.test(4).as_numpy_iterator())
    images = np.concatenate([batch["image"] for batch in batches])
    assert len(images) == data.prepared.num_examples["test"]
    assert images.dtype == np.float32 and np.abs(images).max() <= 1.0


def test_other_classes_than_the_configurations_are_refused(tiny, tmp_path):
    config = tiny(tmp_path)
    network = dataclasses.replace(config.network, num_classes=7)
    with pytest.raises(UserError, match="7"):
        load_dataset(dataclasses.replace(config, network=network))
