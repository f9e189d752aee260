"""A DeepI2I that traces in seconds, and how its weights are told apart."""

import dataclasses

from deepi2i_tf.models import DeepI2I
from deepi2i_tf.runs.identity import weights_sha256
from tests.models.small_networks import small_networks, small_translator
from tests.networks.tiny import CONFIG


def small_config(made):
    """A configuration whose networks are those of `small_networks`."""
    return dataclasses.replace(made, network=CONFIG)


def small_model(config, replicas=1, **compile_options):
    model = DeepI2I(
        config,
        networks=dict(small_networks(replicas).items()),
        averaged=small_translator(),
    )
    # Their weights are drawn, and some variances negative.
    for generator in (model.networks["generator"], model.averaged.generator):
        variance = generator.norm.moving_variance
        variance.assign(abs(variance.numpy()))
    model.compile(**compile_options)
    return model


def sha256_of(model):
    return weights_sha256(model.named_weights())
