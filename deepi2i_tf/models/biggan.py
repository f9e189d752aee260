"""BigGAN: the training step of arXiv 1809.11096, what DeepI2I starts from.

The class-conditional generator without injected features against the
projection discriminator (arXiv 2011.05867, figure 1 left). Fakes and reals of
the discriminator's phase go through it in one batch, each with its class.
"""

import keras
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.models.adversarial_model import AdversarialModel
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.networks import Generator


class BigGAN(AdversarialModel):
    """Generator and discriminator, and the averages of the generator.

    Reference: arXiv 1809.11096.
    """

    sides = ("target",)
    generating_names = ("generator",)

    def __init__(
        self,
        networks: dict[str, keras.Model],
        averaged: Generator,
        optimizers: dict[str, keras.optimizers.Optimizer],
        config: Config,
        **kwargs,
    ) -> None:
        super().__init__(
            networks,
            networks["generator"],
            averaged,
            optimizers,
            config,
            **kwargs,
        )

    def _features(self, images: dict[str, tf.Tensor]) -> None:
        del images  # It generates from nothing.

    def _generating_gradients(self, micro: MicroBatch) -> tuple[list, dict]:
        z, labels = micro.generator
        with tf.GradientTape() as tape:
            fake = self._generate(z, None, labels)
            loss, logs = self.objective.adversarial_loss(
                self._scorer(micro.augments_generator), fake, labels
            )
            loss = loss + self._weight_penalties()
        return self._generating_gradients_of(tape, loss), logs
