"""Makes the model of an experiment, ready for its first step."""

from deepi2i_tf.config import Config
from deepi2i_tf.models.adversarial_model import AdversarialModel
from deepi2i_tf.models.biggan import BigGAN
from deepi2i_tf.models.deepi2i import DeepI2I
from deepi2i_tf.models.stages import PRETRAIN


def build_model(config: Config) -> AdversarialModel:
    """The model of an experiment, with all weights and optimizer slots made.

    Call it inside a strategy's scope, whose replicas share batch statistics.
    `num_classes` must be set; the stage says whether it is a BigGAN or a
    DeepI2I.
    """
    kind = BigGAN if config.training.stage == PRETRAIN else DeepI2I
    model = kind(config)
    model.compile()
    return model
