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
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks.configured_network import PACKAGE
from deepi2i_tf.utils.errors import UserError


@keras.saving.register_keras_serializable(PACKAGE)
class BigGAN(AdversarialModel):
    """Generator and discriminator, and the averages of the generator.

    Reference: arXiv 1809.11096.
    """

    sides = ("target",)

    def call(self, z, labels=None, training=False):
        """Samples with the averages.

        Args:
            z: float32, (batch, z length), standard normal.
            labels: int32, (batch,).
            training: of no use, the averages are for inference.
        """
        del training
        return self.averaged(z, labels=labels, training=False)

    def predict_step(self, data) -> tf.Tensor:
        """Takes a dict of call arguments, as `predict` batches it."""
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return self(**inputs)

    def _require_experiment(self, config: Config) -> None:
        super()._require_experiment(config)
        if config.training.stage != PRETRAIN:
            raise UserError(
                "Expected stage=pretrain for a BigGAN. Received: "
                f"stage={config.training.stage}. Make a DeepI2I of this "
                "configuration."
            )

    def _make_generating(self) -> keras.Model:
        return self.networks["generator"]

    def _make_averaged(self) -> keras.Model:
        return self._another("generator")

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
