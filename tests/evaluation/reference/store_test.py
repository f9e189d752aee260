import dataclasses
import os

import numpy as np
import pytest

from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.evaluation.reference.store import (
    judge_key,
    load_reference_models,
    save_reference_models,
)
from deepi2i_tf.utils.errors import UserError
from tests.evaluation.disc_set import RECIPE


def _judge(seed, has_pose=True):
    return ReferenceModels(16, 3, has_pose, RECIPE, seed)


def _weights(judge):
    return judge.classifier.get_weights() + judge.regressor.get_weights()


def test_loads_what_was_saved(tmp_path):
    saved, loaded = _judge(1), _judge(2)
    saved.pose_mean += 0.5
    folder = str(tmp_path / "judges" / "abc")
    assert not load_reference_models(loaded, folder)
    save_reference_models(saved, folder)
    assert load_reference_models(loaded, folder)
    for one, two in zip(_weights(saved), _weights(loaded), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(loaded.pose_mean, saved.pose_mean)
    assert os.listdir(tmp_path / "judges") == ["abc"]


def test_an_existing_judge_stays(tmp_path):
    folder = str(tmp_path / "abc")
    save_reference_models(_judge(1), folder)
    save_reference_models(_judge(2), folder)
    loaded = _judge(3)
    load_reference_models(loaded, folder)
    np.testing.assert_array_equal(_weights(loaded)[0], _weights(_judge(1))[0])
    assert os.listdir(tmp_path) == ["abc"]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 torn"])
def test_a_damaged_judge_is_named(tmp_path, content):
    folder = tmp_path / "abc"
    save_reference_models(_judge(1, has_pose=False), str(folder))
    for file in folder.iterdir():
        file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(UserError, match="abc.*Delete that folder"):
        load_reference_models(_judge(1, has_pose=False), str(folder))


def test_the_key_follows_data_recipe_and_seed():
    other = dataclasses.replace(RECIPE, noise=0.1)
    keys = [
        judge_key(b"{}", RECIPE, 0),
        judge_key(b"{ }", RECIPE, 0),
        judge_key(b"{}", other, 0),
        judge_key(b"{}", RECIPE, 1),
    ]
    assert len(set(keys)) == 4
    assert keys[0] == judge_key(b"{}", RECIPE, 0)
