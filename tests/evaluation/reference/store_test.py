import dataclasses
import os

import numpy as np
import pytest

from deepi2i_tf.evaluation.reference.models import ReferenceModels
from deepi2i_tf.evaluation.reference.store import (
    load_reference_models,
    reference_key,
    save_reference_models,
    train_or_load_reference_models,
)
from deepi2i_tf.utils.errors import UserError
from tests.evaluation.disc_set import RECIPE


def _models(seed, has_pose=True):
    config = dataclasses.replace(RECIPE, seed=seed)
    return ReferenceModels(16, 3, has_pose, config)


def _weights(models):
    return models.classifier.get_weights() + models.regressor.get_weights()


def test_loads_what_was_saved(tmp_path):
    saved, loaded = _models(1), _models(2)
    saved.pose_mean += 0.5
    folder = str(tmp_path / "reference" / "abc")
    assert not load_reference_models(loaded, folder)
    save_reference_models(saved, folder)
    assert load_reference_models(loaded, folder)
    for one, two in zip(_weights(saved), _weights(loaded), strict=True):
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(loaded.pose_mean, saved.pose_mean)
    assert os.listdir(tmp_path / "reference") == ["abc"]


def test_an_existing_folder_stays(tmp_path):
    folder = str(tmp_path / "abc")
    save_reference_models(_models(1), folder)
    save_reference_models(_models(2), folder)
    loaded = _models(3)
    load_reference_models(loaded, folder)
    np.testing.assert_array_equal(_weights(loaded)[0], _weights(_models(1))[0])
    assert os.listdir(tmp_path) == ["abc"]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 torn"])
def test_a_damaged_folder_is_named(tmp_path, content):
    folder = tmp_path / "abc"
    save_reference_models(_models(1, has_pose=False), str(folder))
    for file in folder.iterdir():
        file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(UserError, match="abc.*Delete that folder"):
        load_reference_models(_models(1, has_pose=False), str(folder))


def test_the_key_follows_data_numbers_and_seed():
    other = dataclasses.replace(RECIPE, noise=0.1)
    keys = [
        reference_key(b"{}", RECIPE),
        reference_key(b"{ }", RECIPE),
        reference_key(b"{}", other),
        reference_key(b"{}", dataclasses.replace(RECIPE, seed=1)),
    ]
    assert len(set(keys)) == 4
    assert keys[0] == reference_key(b"{}", RECIPE)


def test_kept_models_are_not_trained_again(
    data, evaluation, sources, reference_dir, capsys
):
    kept = evaluation.extractor.models
    models, key = train_or_load_reference_models(data, RECIPE, reference_dir)
    message = f"reference models: taken from {reference_dir}/{key}\n"
    assert capsys.readouterr().out == message
    images = sources.images
    assert models.classify(images).tolist() == kept.classify(images).tolist()
    poses = models.predict_poses(images).tolist()
    assert poses == kept.predict_poses(images).tolist()


def test_a_folder_that_keeps_nothing_is_refused_before_training(
    data, tmp_path, monkeypatch
):
    monkeypatch.delattr(ReferenceModels, "train")
    file = tmp_path / "file"
    file.write_text("no folder")
    with pytest.raises(UserError, match="Not a directory.*--judge_dir"):
        train_or_load_reference_models(data, RECIPE, str(file / "judge"))
