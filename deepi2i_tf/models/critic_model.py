"""What StarGAN and SDIT share: a critic that reads the class, one generator.

One step, for sources x of class y and target classes t drawn uniformly:

    repeat `discriminator_steps` times, each with its own x, t and z:
        y_hat = G(x, t, z)                      no gradient
        D <- D - Adam(grad L_D(x, y_hat))
    y_hat = G(x, t, z')                         x, t of the last update, z' new
    G <- G - Adam(grad L_G(y_hat, G(y_hat, y, z'')))

`critic_objective.py` has the losses. Nothing has batch statistics, so that
micro-batches of any size give the gradient of the whole batch.
"""

from collections.abc import Sequence
from typing import ClassVar

import keras
import tensorflow as tf

from deepi2i_tf.layers.label_map import LabelledConv
from deepi2i_tf.models.critic_objective import CriticObjective
from deepi2i_tf.models.micro_batches import GradientSum, MicroBatch
from deepi2i_tf.models.noise import MIX, Z_BACK
from deepi2i_tf.models.translating_model import TranslatingModel
from deepi2i_tf.models.translator import BaseTranslator
from deepi2i_tf.networks.configured_network import PACKAGE
from deepi2i_tf.networks.initial_weights import sublayers


@keras.saving.register_keras_serializable(PACKAGE)
class LabelTranslator(BaseTranslator):
    """A translator of one network, G(x, t, z), which takes the class at once.

    Args:
        generator: G, built.
        **kwargs: of `BaseTranslator`.
    """

    def __init__(self, generator: keras.Model, **kwargs) -> None:
        super().__init__({"generator": generator}, **kwargs)

    def adapt(self, images, training: bool = False) -> dict:
        """The images: all that is made of them depends on the class."""
        del training
        return {images.shape[1]: images}

    def generate(
        self, adapted: dict, z, labels=None, embedding=None, training=False
    ):
        """G(x, t, z)."""
        (images,) = adapted.values()
        return self.generator(
            images, z=z, labels=labels, embedding=embedding, training=training
        )

    def embed(self, labels):
        """One-hot rows of classes, (batch, classes)."""
        return self.generator.embed(labels)


class CriticModel(TranslatingModel):
    """Generator and critic, and the averages of the translator.

    Attributes:
        draws_z: whether the two phases translate differently; without a z
            the last update's translations serve the generator, too.
    """

    sides = ("source",)
    streams = (MIX, Z_BACK)
    translator_class = LabelTranslator
    draws_z: ClassVar[bool] = True

    def __init__(self, config, num_classes=None, **kwargs) -> None:
        super().__init__(config, num_classes, **kwargs)
        self.objective = self.make_objective()

    def make_objective(self) -> CriticObjective:
        """The losses; a subclass may have others."""
        return CriticObjective(self.config.baselines, self.global_rows)

    def class_rows(self, labels) -> list:
        """Rows of the table that the class is read from."""
        return [
            tf.gather(layer.table, labels)
            for layer in sublayers(self.networks["generator"])
            if isinstance(layer, LabelledConv)
        ]

    def scores(self, images, labels):
        """The mean patch score of images, (batch, 1); see `TrainedModel`."""
        del labels  # The critic reads the class.
        patch, *_ = self.discriminator(images)
        return tf.reduce_mean(patch, axis=(1, 2))

    def _connect(self, parts, images, **others) -> dict:
        made = parts["generator"](images, **others)
        read = parts["discriminator"](made)
        names = ("scores", "classes", "latent")
        return {"translations": made, **dict(zip(names, read, strict=False))}

    def _train(
        self, rounds: list[list[MicroBatch]], drawn: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        del drawn  # All draws came with the micro-batches.
        *early, last = rounds
        for micros in early:
            self._update_discriminator(micros)
        if len(last) == 1 and not self.draws_z:
            return self._update_both(*last)
        logs = self._update_discriminator(last)
        total = GradientSum()
        for micro in last:
            with total.turn(), tf.GradientTape() as tape:
                fake = self._generate(micro, micro.generator[0])
                loss, terms = self._generator_loss(micro, fake)
            total.add(self._gradients(tape, loss, "generator"), terms)
        self._apply("generator", total.gradients)
        return logs | total.logs

    def _update_both(self, micro: MicroBatch) -> dict[str, tf.Tensor]:
        """Both updates from one translation of each image."""
        with tf.GradientTape() as tape:
            fake = self._generate(micro, micro.discriminator[0])
            with tape.stop_recording():
                logs = self._update_discriminator([micro], fake)
            loss, terms = self._generator_loss(micro, fake)
        self._apply("generator", self._gradients(tape, loss, "generator"))
        return logs | terms

    def _update_discriminator(
        self, micros: Sequence[MicroBatch], fake: tf.Tensor | None = None
    ) -> dict[str, tf.Tensor]:
        total = GradientSum()
        for micro in micros:
            with total.turn():
                total.add(*self._discriminator_gradients(micro, fake))
        self._apply("discriminator", total.gradients)
        return total.logs

    def _discriminator_gradients(
        self, micro: MicroBatch, fake: tf.Tensor | None
    ) -> tuple[list, dict[str, tf.Tensor]]:
        z, _ = micro.discriminator
        if fake is None:
            fake = self._generate(micro, z)
        images = micro.images
        with tf.GradientTape() as tape:
            loss, logs = self.objective.discriminator_loss(
                self.discriminator,
                (images["source"], images["source_label"]),
                (fake, z),
                micro.streams[MIX.name],
            )
        return self._gradients(tape, loss, "discriminator"), logs

    def _generator_loss(
        self, micro: MicroBatch, fake: tf.Tensor
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        images, (_, target) = micro.images, micro.discriminator
        back = self.networks["generator"](
            fake,
            z=micro.streams[Z_BACK.name],
            labels=images["source_label"],
            training=True,
        )
        return self.objective.generator_loss(
            self.discriminator,
            (fake, target),
            micro.generator[0],
            (images["source"], back),
        )

    def _generate(self, micro: MicroBatch, z: tf.Tensor) -> tf.Tensor:
        _, target = micro.discriminator
        return self.networks["generator"](
            micro.images["source"], z=z, labels=target, training=True
        )

    def _gradients(self, tape: tf.GradientTape, loss, name: str) -> list:
        # TensorFlow's own: it cannot make a zero for a Keras variable.
        variables = self.networks[name].trainable_variables
        return tape.gradient(
            loss,
            [variable.value for variable in variables],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
