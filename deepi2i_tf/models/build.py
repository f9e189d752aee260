"""Makes a DeepI2I with everything that a step needs already in place."""

import keras

from deepi2i_tf.config import Config, OptimizerConfig
from deepi2i_tf.models.deepi2i import DeepI2I
from deepi2i_tf.models.translator import build_translator
from deepi2i_tf.networks import build_networks


def build_deepi2i(config: Config, num_replicas: int = 1) -> DeepI2I:
    """The model of an experiment, to be called inside a strategy's scope.

    Optimizers are built here: under several replicas a slot that is made in
    the first step fails ("must feed a value for placeholder").

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
    optimizers = {
        name: _optimizer(config.optimizer, name, network)
        for name, network in networks.items()
    }
    averaged = build_translator(config.network, "averaged")
    return DeepI2I(networks, averaged, optimizers, config)


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
