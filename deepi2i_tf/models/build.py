"""Makes models with everything that a step needs already in place."""

import keras

from deepi2i_tf.config import Config, OptimizerConfig
from deepi2i_tf.models.adam import Adam
from deepi2i_tf.models.adversarial_model import AdversarialModel
from deepi2i_tf.models.biggan import BigGAN
from deepi2i_tf.models.deepi2i import DeepI2I
from deepi2i_tf.models.loss_scaling import FLOAT16, LossScaling
from deepi2i_tf.models.stages import PRETRAIN, networks_of
from deepi2i_tf.models.translator import build_translator
from deepi2i_tf.networks import Networks, build_initialized, build_network


def build_model(config: Config, num_replicas: int = 1) -> AdversarialModel:
    """The model of an experiment, with all weights and optimizer slots made.

    Call it inside a strategy's scope; `num_replicas` share batch statistics.
    `num_classes` must be set; the stage says whether it is a BigGAN or a
    DeepI2I.
    """
    keras.config.set_dtype_policy(config.training.mixed_precision)
    stage, shape = config.training.stage, config.network
    networks = build_initialized(
        networks_of(stage), shape, config.training.seed, num_replicas
    )
    # Under several replicas an optimizer whose slots are made in the first
    # step fails ("must feed a value for placeholder").
    scaled = config.training.mixed_precision == FLOAT16
    optimizers = {
        name: _optimizer(config.optimizer, name, network, scaled)
        for name, network in networks.items()
    }
    if stage == PRETRAIN:
        averaged = build_network("generator", shape)
        return BigGAN(networks, averaged, optimizers, config)
    averaged = build_translator(shape, "averaged")
    return DeepI2I(Networks(**networks), averaged, optimizers, config)


def _optimizer(
    config: OptimizerConfig, name: str, network: keras.Model, scaled: bool
) -> keras.optimizers.Optimizer:
    optimizer = Adam(
        learning_rate=getattr(config, f"{name}_lr"),
        beta_1=config.beta_1,
        beta_2=config.beta_2,
        epsilon=config.epsilon,
        name=f"{name}_adam",
    )
    if scaled:
        optimizer = LossScaling(optimizer, name=f"{name}_loss_scaling")
    optimizer.build(network.trainable_variables)
    return optimizer
