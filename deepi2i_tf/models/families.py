"""The classes of each model family, and the models of an experiment.

The record of a family's networks is `networks/families.py`.
"""

import dataclasses
from collections.abc import Mapping

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.models.biggan import BigGAN
from deepi2i_tf.models.deepi2i import DeepI2I
from deepi2i_tf.models.dmit import DMIT
from deepi2i_tf.models.sdit import SDIT
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.models.stargan import StarGAN
from deepi2i_tf.models.trained_model import TrainedModel
from deepi2i_tf.models.translator import BaseTranslator
from deepi2i_tf.networks import build_network, family_of


@dataclasses.dataclass(frozen=True)
class ModelFamily:
    """The classes of a family."""

    models: Mapping[str, type[TrainedModel]]

    @property
    def translator(self) -> type[BaseTranslator]:
        """Called with the translating networks by their names."""
        return self.models["scratch"].translator_class


MODEL_FAMILIES = {
    "deepi2i": ModelFamily(
        {"scratch": DeepI2I, "transfer": DeepI2I, PRETRAIN: BigGAN}
    ),
    "stargan": ModelFamily({"scratch": StarGAN}),
    "sdit": ModelFamily({"scratch": SDIT}),
    "dmit": ModelFamily({"scratch": DMIT}),
}


def build_model(config: Config) -> TrainedModel:
    """The model of an experiment, with all weights and optimizer slots made.

    Call it inside a strategy's scope, whose replicas share batch statistics.
    `num_classes` must be set.
    """
    classes = MODEL_FAMILIES[config.network.model].models
    model = classes[config.training.stage](config)
    model.compile()
    return model


def build_translator(config: NetworkConfig, name: str) -> BaseTranslator:
    """A translator with cheap, meaningless weights, to be assigned."""
    networks = {
        part: build_network(part, config)
        for part in family_of(config).translating
    }
    translator = MODEL_FAMILIES[config.model].translator
    return translator(**networks, config=config, name=name)
