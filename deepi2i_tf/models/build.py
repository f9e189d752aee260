"""Makes models with everything that a step needs already in place."""

from collections.abc import Iterable

import keras

from deepi2i_tf.config import Config, OptimizerConfig
from deepi2i_tf.models.adversarial_model import AdversarialModel
from deepi2i_tf.models.biggan import BigGAN
from deepi2i_tf.models.deepi2i import DeepI2I
from deepi2i_tf.models.stages import PRETRAIN, networks_of
from deepi2i_tf.models.translator import build_translator
from deepi2i_tf.networks import (
    build_initialized,
    build_network,
    build_networks,
)


def build_model(config: Config, num_replicas: int = 1) -> AdversarialModel:
    """The model of an experiment, to be called inside a strategy's scope.

    Args:
        config: the experiment; `num_classes` must be set, and the stage says
            whether it is a BigGAN or a DeepI2I.
        num_replicas: replicas that share batch statistics.

    Returns:
        The model with all weights and slots made.
    """
    build = build_deepi2i
    if config.training.stage == PRETRAIN:
        build = build_biggan
    return build(config, num_replicas)


def build_deepi2i(config: Config, num_replicas: int = 1) -> DeepI2I:
    """The model that translates; see `build_model`.

    Args:
        config: the experiment; `num_classes` must be set.
        num_replicas: replicas that share batch statistics.

    Returns:
        The model with all weights and slots made.
    """
    keras.config.set_dtype_policy(config.training.mixed_precision)
    networks = build_networks(
        config.network, config.training.seed, num_replicas
    )
    optimizers = _optimizers(config.optimizer, networks.items())
    averaged = build_translator(config.network, "averaged")
    return DeepI2I(networks, averaged, optimizers, config)


def build_biggan(config: Config, num_replicas: int = 1) -> BigGAN:
    """The model that generates from nothing; see `build_model`.

    Args:
        config: the experiment; `num_classes` must be set.
        num_replicas: replicas that share batch statistics.

    Returns:
        The model with all weights and slots made.
    """
    keras.config.set_dtype_policy(config.training.mixed_precision)
    networks = build_initialized(
        networks_of(PRETRAIN),
        config.network,
        config.training.seed,
        num_replicas,
    )
    optimizers = _optimizers(config.optimizer, networks.items())
    averaged = build_network("generator", config.network)
    return BigGAN(networks, averaged, optimizers, config)


def _optimizers(
    config: OptimizerConfig, networks: Iterable[tuple[str, keras.Model]]
) -> dict[str, keras.optimizers.Optimizer]:
    """Optimizers with their slots.

    Under several replicas a slot that is made in the first step fails ("must
    feed a value for placeholder").
    """
    return {
        name: _optimizer(config, name, network) for name, network in networks
    }


def _optimizer(
    config: OptimizerConfig, name: str, network: keras.Model
) -> keras.optimizers.Optimizer:
    optimizer = keras.optimizers.Adam(
        learning_rate=getattr(config, f"{name}_lr"),
        beta_1=config.beta_1,
        beta_2=config.beta_2,
        epsilon=config.epsilon,
        name=f"{name}_adam",
    )
    optimizer.build(network.trainable_variables)
    return optimizer
