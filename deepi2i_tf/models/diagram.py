"""The networks of a DeepI2I as a functional model, to be drawn.

`keras.utils.plot_model` draws a subclassed model as one box.
"""

from collections.abc import Mapping

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import z_length


class Part(keras.layers.Layer):
    """A network under a name that has the number of its weights."""

    def __init__(self, network: keras.Model) -> None:
        count = network.count_params()
        super().__init__(name=f"{network.name}_{count}_weights")
        self.network = network
        self.built = True

    def call(self, inputs, **others):
        """What the network makes of them."""
        return self.network(inputs, **others)


def diagram(
    networks: Mapping[str, keras.Model], config: NetworkConfig
) -> keras.Model:
    """Connects encoder, adaptor, generator and discriminator."""
    part = {name: Part(network) for name, network in networks.items()}
    side = config.resolution
    images = keras.Input((side, side, 3), name="images")
    z = keras.Input((z_length(config),), name="z")
    labels = keras.Input((), dtype="int32", name="labels")
    adapted = part["adaptor"](part["encoder"](images))
    made = part["generator"](z, adapted=adapted, labels=labels)
    scores, _ = part["discriminator"](made, labels=labels)
    outputs = {"translations": made, "scores": scores}
    return keras.Model([images, z, labels], outputs, name="deepi2i")
