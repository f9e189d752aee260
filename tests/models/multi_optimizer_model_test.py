"""Tests of `compile` and `fit`; equality with the command is in tests/api."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.models.objective import Objective
from deepi2i_tf.models.train_function import TrainFunction
from deepi2i_tf.utils.errors import UserError
from tests.api.small_model import small_config, small_model
from tests.models import tiny as tiny_models
from tests.models.small_networks import small_networks, small_translator

EPOCHS = {"epochs": 2, "steps_per_epoch": 2, "verbose": 0}


@pytest.fixture
def small(tiny, tmp_path):
    return lambda **training: small_config(tiny(tmp_path, **training))


def unmoved(before, model):
    """Networks of which no weight has moved."""
    same = tiny_models.unmoved(before, tiny_models.values(model))
    moved = {
        name.split("/")[0]
        for name in before.keys() - same
        if not name.endswith("/sigma")
    }
    return {"encoder", "adaptor", "generator", "discriminator"} - moved


class Unmoved(keras.callbacks.Callback):
    """What stood still in each epoch."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_begin(self, epoch, logs=None):
        self.before = tiny_models.values(self.model)

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(unmoved(self.before, self.model))


def test_stages_change_within_fit(small):
    config = small(stage="transfer", warmup_steps=3)
    seen, model = Unmoved(), small_model(config, run_eagerly=True)
    model.fit(load_dataset(config).train(), callbacks=[seen], **EPOCHS)
    # The second epoch begins in the warm-up and ends after it.
    assert seen.epochs == [{"encoder", "generator"}, {"encoder"}]


def test_two_replicas_show_global_losses(small, two_replicas):
    config = small(batch_size=2, num_accumulations=2)
    data = load_dataset(config)
    sgd = [f"{name}_optimizer" for name in ("generator", "discriminator")]

    def history(replicas, **options):
        chosen = {name: keras.optimizers.SGD(1e-2) for name in sgd}
        model = small_model(config, replicas, **chosen, **options)
        return model.fit(data.train(), **EPOCHS).history

    alone = history(1)
    with two_replicas.scope():
        together = history(2, steps_per_execution=2)
    assert alone.keys() == together.keys()
    for name, values in alone.items():
        np.testing.assert_allclose(
            together[name], values, rtol=1e-3, atol=1e-4, err_msg=name
        )


def test_an_optimizer_of_ones_own_and_the_configurations(small):
    own = keras.optimizers.Adam(2e-4, beta_1=0.5)
    model = small_model(small(), generator_optimizer=own)
    assert model.optimizers["generator"] is own and own.built
    usual = model.config.optimizer.discriminator_lr
    rate = float(model.optimizers["discriminator"].learning_rate)
    np.testing.assert_allclose(rate, usual)


def test_what_cannot_be_compiled_is_refused(small, two_replicas):
    config = small()
    with pytest.raises(UserError, match="generator_optimizer.*Received: optim"):
        small_model(config, optimizer=keras.optimizers.Adam())
    one = keras.optimizers.Adam()
    with pytest.raises(UserError, match="an optimizer for each network"):
        small_model(config, generator_optimizer=one, encoder_optimizer=one)
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())
    with pytest.raises(UserError, match="without loss scaling.*the one in it"):
        small_model(config, encoder_optimizer=scaled)
    model = small_model(config)
    with (
        two_replicas.scope(),
        pytest.raises(UserError, match="made in, none.*Mirrored"),
    ):
        model.compile()
    outside = keras.optimizers.Adam()
    with two_replicas.scope():
        shared = DeepI2I(config)
    with pytest.raises(UserError, match="encoder_optimizer to be made in the"):
        shared.compile(encoder_optimizer=outside)


def test_batches_of_something_else_are_refused(small):
    model = small_model(small())
    wrong = tf.data.Dataset.from_tensors({"source": tf.zeros((2, 8, 8, 3))})
    with pytest.raises(UserError, match=r"\(2, 32, 32, 3\).*\(2, 8, 8, 3\)"):
        model.fit(wrong.repeat(), steps_per_epoch=1)
    with pytest.raises(UserError, match="Received: ndarray. Give data.train"):
        model.fit(np.zeros((2, 32, 32, 3)))
    many = small_model(small(), steps_per_execution=2)
    with pytest.raises(UserError, match="multiple of 2.*Received: 3. Use 4"):
        many.fit(wrong, steps_per_epoch=3)


def test_batches_of_ones_own_train(small):
    config = small()
    batch = tiny_models.batch(config)
    model = small_model(config, run_eagerly=True)
    repeated = tf.data.Dataset.from_tensors(batch).repeat()
    model.fit(repeated, steps_per_epoch=1, verbose=0)
    assert model.finished_steps == 1 and model.class_names == ()
    assert isinstance(model.train_function, TrainFunction)


def test_the_objective_of_a_subclass(small):
    class Flat(Objective):
        def reconstruction(self, source, fake, of_source, of_fake):
            return tf.ones((tf.shape(fake)[0],))

    class Own(DeepI2I):
        def make_objective(self):
            return Flat(self.config.objective, 2)

    networks, averaged = dict(small_networks().items()), small_translator()
    model = Own(small(), networks=networks, averaged=averaged)
    model.compile(run_eagerly=True)
    data = load_dataset(model.config)
    history = model.fit(data.train(), steps_per_epoch=1, verbose=0).history
    assert history["reconstruction"] == [1.0]
