import shutil

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.runs import restore
from deepi2i_tf.utils.errors import UserError


def test_a_translator_is_loaded_with_its_classes(finished):
    translator, config, classes, step = restore.load_translator(finished)
    assert (step, len(classes), config.network.ch) == (4, 3, 2)
    images = np.zeros((2, 32, 32, 3), np.float32)
    labels = np.array([0, 2], np.int32)
    z = np.zeros((2, 16), np.float32)
    averaged = translator(images, z=z, labels=labels, training=False)
    assert averaged.shape == (2, 32, 32, 3)
    live, *_ = restore.load_translator(finished, averaged=False, step=2)
    other = live(images, z=z, labels=labels, training=False)
    assert float(tf.reduce_max(tf.abs(averaged - other))) > 0.0


def test_a_step_without_a_checkpoint_is_refused(finished):
    with pytest.raises(UserError, match="steps 2, 4"):
        restore.load_translator(finished, step=3)


def test_the_step_of_the_best_comes_from_best_json(finished, tmp_path):
    shutil.copy(finished / "config.json", tmp_path)
    shutil.copy(finished / "data.json", tmp_path)
    with pytest.raises(UserError, match="without best.json. Train with --eval"):
        restore.best_step(tmp_path)
    (tmp_path / "best.json").write_text('{"step": 40, "value": 0.5}')
    assert restore.best_step(tmp_path) == 40
    with pytest.raises(UserError, match="Expected a run directory"):
        restore.best_step(tmp_path / "none")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="Expected a run directory"):
        restore.load_translator(tmp_path)


def test_a_run_of_another_version_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"data": {"gone": 1}}')
    (tmp_path / "data.json").write_text("{}")
    with pytest.raises(UserError, match="a run of this version"):
        restore.load_translator(tmp_path)
