"""The networks of a model as a functional model, to be drawn.

`keras.utils.plot_model` draws a subclassed model as one box.
"""

from collections.abc import Callable, Mapping

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import z_length

Connect = Callable[..., dict[str, keras.KerasTensor]]


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
    networks: Mapping[str, keras.Model], config: NetworkConfig, connect: Connect
) -> keras.Model:
    """The networks of a translating model, connected.

    `connect` gives what they make of images, z and labels, by name; z is left
    out where the model has none.
    """
    parts = {name: Part(network) for name, network in networks.items()}
    side, length = config.resolution, z_length(config)
    inputs = {"images": keras.Input((side, side, 3), name="images")}
    if length:
        inputs["z"] = keras.Input((length,), name="z")
    inputs["labels"] = keras.Input((), dtype="int32", name="labels")
    outputs = connect(parts, **inputs)
    return keras.Model(list(inputs.values()), outputs, name=config.model)
