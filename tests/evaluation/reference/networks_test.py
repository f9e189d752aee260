from dataclasses import replace

import keras
import numpy as np
import pytest

from deepi2i_tf.config.evaluate import ReferenceTrainingConfig
from deepi2i_tf.evaluation.reference.networks import (
    build_classifier,
    build_pose_regressor,
)

CONFIG = ReferenceTrainingConfig()


def test_shapes_and_parameter_counts():
    classifier = build_classifier(32, 8, CONFIG)
    regressor = build_pose_regressor(32, 5, CONFIG)
    assert classifier.output_shape == (None, 8)
    assert regressor.output_shape == (None, 5)
    assert classifier.count_params() == 78_200
    # Without the classifier's 64 x 8 + 8, with 4 x 4 x 64 x 64 + 64 + 325.
    assert regressor.count_params() == 143_605


def test_weights_follow_the_seed():
    first, again, other = (
        build_classifier(16, 3, replace(CONFIG, seed=seed)).get_weights()
        for seed in (0, 0, 1)
    )
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert (first[0] != other[0]).any()


@pytest.fixture
def bfloat16_policy():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def test_is_float32_in_a_run_of_mixed_precision(bfloat16_policy):
    images = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3))
    images = images.astype(np.float32)
    mixed = build_classifier(16, 3, CONFIG)(images)
    keras.config.set_dtype_policy("float32")
    full = build_classifier(16, 3, CONFIG)(images)
    np.testing.assert_array_equal(mixed, full)
