import dataclasses

import numpy as np
import tensorflow as tf

from deepi2i_tf import config
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.evaluation import evaluated_model
from deepi2i_tf.networks import z_length
from deepi2i_tf.utils.fit import Fit
from tests.evaluation import disc_set


def halve(images, z, labels, training):
    assert training is False
    return images / 2


def test_translate_function_takes_any_batch_and_gives_arrays():
    translate = evaluated_model.translate_function(halve)
    for batch in (3, 2):
        images = np.ones((batch, 4, 4, 3), np.float32)
        translated = translate(
            images, np.zeros((batch, 8), np.float32), np.zeros(batch, np.int32)
        )
        np.testing.assert_array_equal(translated, images / 2)


def test_one_graph_serves_all_batches():
    traced = []

    def translator(images, z, labels, training):
        traced.append(images.shape)
        return images

    translate = evaluated_model.translate_function(translator)
    for batch in (3, 2, 3):
        images = np.ones((batch, 4, 4, 3), np.float32)
        z, labels = np.zeros((batch, 8), np.float32), np.zeros(batch, np.int32)
        translate(images, z, labels)
    assert traced == [(None, 4, 4, 3)]


class _Mixable:
    """Paints an image in the number that its embedding is."""

    def embed(self, labels):
        return tf.cast(labels, tf.float32)[:, None] / 10

    def __call__(self, images, z, embedding, training):
        return tf.zeros_like(images) + embedding[:, :, None, None]


def test_interpolates_between_embeddings():
    network = config.NetworkConfig(resolution=32, num_classes=6)
    interpolate = evaluated_model.class_interpolation_function(
        _Mixable(), network
    )
    images = np.ones((3, 32, 32, 3), np.float32)
    mixed = interpolate(
        images,
        np.zeros((3, z_length(network)), np.float32),
        np.full(3, 1, np.int32),
        np.full(3, 5, np.int32),
        np.array([0, 0.5, 1], np.float32),
    )
    np.testing.assert_allclose(mixed[:, 0, 0, 0], [0.1, 0.3, 0.5], atol=1e-6)


def test_sources_come_in_the_models_own_way_or_are_told(tmp_path, capsys):
    measured = dataclasses.replace(
        disc_set.write_set(tmp_path / "measured"), fit=Fit("pad")
    )
    disc_set.write_set(tmp_path / "other")
    options = EvaluateOptions(run_dir="run", source_dir=str(tmp_path / "other"))
    sources = evaluated_model.sources_of(options, measured)
    assert sources.sizes["test"] > 0
    told = capsys.readouterr().err
    assert "by --fit=crop, those of the training by --fit=pad" in told
    evaluated_model.sources_of(
        options, dataclasses.replace(measured, fit=Fit())
    )
    assert capsys.readouterr().err == ""
