"""DeepI2I: the training step of arXiv 2011.05867.

One step, from (source x, target image y of class c_y):

    repeat `discriminator_steps` times:
        y_hat = G(z, c, A(Psi(x)))          z, c fresh; no gradient
        D <- D - Adam(grad L_D(y_hat, y))
    y_hat = G(z', c', A(Psi(x)))            z', c' fresh
    G, A, Psi <- - Adam(grad L_G(y_hat, x))

Encoder and adaptor do not change between the two phases, so with one
micro-batch their forward pass on x is made once and used in both; the
discriminator's phase then runs in the middle of the other tape, unrecorded.
"""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from deepi2i_tf.config import Config
from deepi2i_tf.models.adversarial_model import AdversarialModel
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.models.pose_objective import PoseObjective
from deepi2i_tf.models.posed_pairs import pose_rows
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.models.translating_model import TranslatingModel
from deepi2i_tf.models.translator import Translator
from deepi2i_tf.networks.configured_network import PACKAGE
from deepi2i_tf.utils.errors import UserError


@keras.saving.register_keras_serializable(PACKAGE)
class DeepI2I(TranslatingModel, AdversarialModel):
    """Four networks, four optimizers and the averages of the translator.

    Example:
        >>> model = DeepI2I(config, num_classes=len(data.class_names))
        >>> model.compile()
        >>> history = model.fit(data.train(), epochs=4, steps_per_epoch=500)
        >>> picture = model.averaged.translate("cat.jpg", "meerkat", seed=0)

    Reference: arXiv 2011.05867.
    """

    sides = ("source", "target")
    translator_class = Translator

    def __init__(self, config: Config, num_classes=None, **kwargs) -> None:
        super().__init__(config, num_classes, **kwargs)
        self.pose_objective = PoseObjective(
            self.config.pose, self.objective.global_rows, self.translator
        )

    def _connect(self, parts, images, z, labels) -> dict:
        adapted = parts["adaptor"](parts["encoder"](images))
        made = parts["generator"](z, adapted=adapted, labels=labels)
        scores, _ = parts["discriminator"](made, labels=labels)
        return {"translations": made, "scores": scores}

    def _require_experiment(self, config: Config) -> None:
        super()._require_experiment(config)
        if config.training.stage == PRETRAIN:
            raise UserError(
                "Expected stage=scratch or stage=transfer for a DeepI2I. "
                "Received: stage=pretrain. Make a BigGAN of this configuration."
            )

    def _pose_rows(
        self, micros: list[MicroBatch], step: tf.Tensor
    ) -> list[MicroBatch]:
        return pose_rows(micros, step, self.config)

    def _update_players(self, micros: Sequence[MicroBatch]) -> dict:
        if len(micros) == 1:
            return self._update_both(micros)
        return super()._update_players(micros)

    def _update_both(self, micros: Sequence[MicroBatch]) -> dict:
        logs = {}

        def train_discriminator(adapted) -> None:
            logs.update(self._update_discriminator(micros, adapted))

        gradients, terms = self._generating_gradients(
            micros[0], train_discriminator
        )
        self._apply_generating(gradients)
        return logs | terms

    def _generating_gradients(
        self, micro: MicroBatch, in_between: Callable | None = None
    ):
        source, label = micro.images["source"], micro.images["source_label"]
        z, labels = micro.generator
        with tf.GradientTape() as tape:
            adapted = self._features(micro.images)
            if in_between is not None:
                with tape.stop_recording():
                    in_between(adapted)
            fake = self._generate(z, adapted, labels)
            loss, logs = self.objective.generator_loss(
                self._scorer(micro.augments_generator),
                fake,
                labels,
                source,
                label,
            )
            of_pose, pose_logs = self.pose_objective(fake, micro, self.step)
            loss = loss + of_pose + self._weight_penalties()
        logs |= pose_logs
        return self._generating_gradients_of(tape, loss), logs

    def _features(self, images: dict[str, tf.Tensor]):
        features = self.networks["encoder"](
            images["source"], training="encoder" in self.stage.trainable
        )
        return self.networks["adaptor"](
            features, training="adaptor" in self.stage.trainable
        )
