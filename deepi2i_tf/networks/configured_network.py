"""What the four networks share: made of a `NetworkConfig`, saved as one."""

import dataclasses
from typing import Any, Self

import keras

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.utils.backend import dtype_policy

PACKAGE = "deepi2i_tf"


class ConfiguredNetwork(keras.Model):
    """A network whose shapes a `NetworkConfig` decides.

    Subclasses take it as their first argument and make all weights in `build`.

    Attributes:
        config: the shape.
    """

    def __init__(self, config: NetworkConfig, **kwargs) -> None:
        super().__init__(**kwargs)
        self.config = config

    def get_config(self) -> dict[str, Any]:
        """Plain values that `from_config` makes another such network of."""
        base = super().get_config()
        return {
            "name": base["name"],
            "dtype": base["dtype"],
            "config": plain(dataclasses.asdict(self.config)),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """A built network with cheap, meaningless weights."""
        del custom_objects  # Nothing of another's is in there.
        values = dict(config)
        shape = network_config(values.pop("config"))
        with dtype_policy(values.pop("dtype")):
            network = cls(shape, **values)
            network.build()
        return network


def plain(value: Any) -> Any:
    """The same with lists in place of tuples, as JSON gives it back."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value


def network_config(values: dict[str, Any]) -> NetworkConfig:
    """Inverse of `plain(dataclasses.asdict(config))`."""
    return NetworkConfig(
        **{
            key: tuple(value) if isinstance(value, list) else value
            for key, value in values.items()
        }
    )
