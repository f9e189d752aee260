"""DMIT: arXiv 1909.07877, a content, a drawn style and a class make an image.

One step, for images x of class y; t and pi are class and style of the next
image of this replica's batch, z and z2 are drawn:

    h = Ec(x);  mu, sigma = Es(x);  s = mu + sigma eps
    x_rec, x_enc, x_pri, x_pri2 = G(h; y, s), G(h; t, pi s), G(h; t, z),
                                  G(h; t, z2)
    mu' = Es(x_pri);  h' = Ec(x_pri);  x_cyc = G(h'; y, s)
    each judge <- judge - Adam(grad of its loss)          losses/matching.py
    L1 = (Jc(h, t) - 1)^2 - Jp(x_pri, t) - Je(x_enc, t)
         + l_id |x_rec - x| + l_cyc |x_cyc - x| + l_kl KL
    L2 = l_s |mu' - z| + l_div |z - z2| / (|x_pri - x_pri2| + 1e-5)
    L3 = l_c |h - h'|
    G, Es, Ec <- Adam(grad L1);  G <- Adam(grad L2);  Ec <- Adam(grad L3)

Every call moves the power iterations' states, so that their order is part of
the method. Two things differ from the released code: all gradients are taken
before any of the last three updates, and where t is y a wrong pair counts
nothing. The quotient in L2 is of means over all replicas, as the original's is
over its batch.
"""

from typing import ClassVar

import keras
import tensorflow as tf

from deepi2i_tf.layers.spectral_norm import one_iteration
from deepi2i_tf.losses import matching
from deepi2i_tf.losses.latent import kl_divergence, latent_distance
from deepi2i_tf.losses.reconstruction import l1_distance
from deepi2i_tf.models.micro_batches import MicroBatch
from deepi2i_tf.models.noise import EPSILON, Z2
from deepi2i_tf.models.translating_model import TranslatingModel
from deepi2i_tf.models.translator import BaseTranslator
from deepi2i_tf.networks.configured_network import PACKAGE
from deepi2i_tf.utils.errors import UserError

GENERATING = ("decoder", "style_encoder", "content_encoder")
IMAGE_JUDGES = ("prior_judge", "encoded_judge")


@keras.saving.register_keras_serializable(PACKAGE)
class DMITTranslator(BaseTranslator):
    """y_hat = G(Ec(x); t, z).

    Args:
        content_encoder: Ec, built.
        decoder: G, built.
        **kwargs: of `BaseTranslator`.
    """

    def __init__(
        self, content_encoder: keras.Model, decoder: keras.Model, **kwargs
    ) -> None:
        parts = {"content_encoder": content_encoder, "decoder": decoder}
        super().__init__(parts, **kwargs)

    def adapt(self, images, training: bool = False) -> dict:
        """The content, by its map's size."""
        content = self.content_encoder(images, training=training)
        return {content.shape[1]: content}

    def generate(
        self, adapted: dict, z, labels=None, embedding=None, training=False
    ):
        """G(h; t, z)."""
        (content,) = adapted.values()
        return self.decoder(
            content, z, labels=labels, embedding=embedding, training=training
        )

    def embed(self, labels):
        """One-hot rows of classes, (batch, classes)."""
        return self.decoder.embed(labels)


@keras.saving.register_keras_serializable(PACKAGE)
class DMIT(TranslatingModel):
    """Encoders of content and style, a decoder, three judges.

    Example:
        >>> config = Config.from_flagfile("flags/creatures_dmit.cfg")
        >>> data = load_dataset(config)
        >>> model = DMIT(config, num_classes=len(data.class_names))
        >>> model.compile()
        >>> history = model.fit(data.train(), epochs=4, steps_per_epoch=500)

    Reference: arXiv 1909.07877.
    """

    family: ClassVar[str] = "dmit"
    sides = ("source",)
    streams = (Z2, EPSILON)
    translator_class = DMITTranslator

    def __init__(self, config, num_classes=None, **kwargs) -> None:
        super().__init__(config, num_classes, **kwargs)
        replicas = self.distribute_strategy.num_replicas_in_sync
        rows = config.training.batch_size // replicas
        if rows < 2:
            raise UserError(
                "Expected a replica to have two images, of which each lends "
                "the other its class and style. Received: batch_size="
                f"{config.training.batch_size}, replicas={replicas}. Use "
                f"--batch_size={2 * replicas}."
            )

    def class_rows(self, labels) -> list:
        """Rows of the matrices that the class enters by, before sigma."""
        return [
            tf.gather(norm.bias.raw_weight, labels)
            for block in self.networks["decoder"].blocks
            for norm in block.parts[1::2]
        ]

    def scores(self, images, labels):
        """The mean patch score of images, (batch, 1); see `TrainedModel`."""
        patch, _ = self.networks["prior_judge"](images, labels)
        return _patch_mean(patch)

    def _connect(self, parts, images, z, labels) -> dict:
        content = parts["content_encoder"](images)
        made = parts["decoder"](content, style=z, labels=labels)
        style, _ = parts["style_encoder"](made)
        scores = {
            name: parts[name](made, labels=labels)[0] for name in IMAGE_JUDGES
        }
        scores["content_judge"] = parts["content_judge"](content, labels=labels)
        return {"translations": made, "style": style, **scores}

    def _train(
        self, rounds: list[list[MicroBatch]], drawn: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        del drawn  # All draws came with the micro-batch.
        ((micro,),) = rounds
        with tf.GradientTape(persistent=True) as tape:
            made = self._translate(micro)
            with tape.stop_recording():
                logs = self._update_judges(made)
            first = self._matching_loss(made)
            second, third = self._cycle_losses(made)
        # All gradients before any update.
        updates = [
            *self._gradients(tape, first[0], GENERATING).items(),
            *self._gradients(tape, second[0], ("decoder",)).items(),
            *self._gradients(tape, third[0], ("content_encoder",)).items(),
        ]
        for name, gradients in updates:
            self._apply(name, gradients)
        return logs | first[1] | second[1] | third[1]

    def _translate(self, micro: MicroBatch) -> dict[str, tf.Tensor]:
        """Everything that the encoders and the decoder give, in order."""
        encode, decode = (
            self._training(n) for n in ("content_encoder", "decoder")
        )
        read = self._training("style_encoder")
        x, own = micro.images["source"], micro.images["source_label"]
        target, (z, _) = _next(own), micro.generator
        z2 = micro.streams[Z2.name]
        h = encode(x)
        mean, log_variance = read(x)
        noise = micro.streams[EPSILON.name]
        style = mean + tf.exp(0.5 * log_variance) * noise
        # Only L1 has the first two, only L2 the last: see `one_iteration`.
        with one_iteration():
            encoded = decode(
                tf.tile(h, (2, 1, 1, 1)),
                tf.concat([style, _next(style)], axis=0),
                tf.concat([own, target], axis=0),
            )
            prior, prior2 = decode(h, z, target), decode(h, z2, target)
        reconstruction, encoded = tf.split(encoded, 2)
        read_mean, _ = read(prior)
        again = encode(prior)
        return {
            "x": x, "own": own, "target": target, "z": z, "z2": z2, "h": h,
            "mean": mean, "log_variance": log_variance,
            "reconstruction": reconstruction, "encoded": encoded,
            "prior": prior, "prior2": prior2, "read": read_mean,
            "again": again, "cycle": decode(again, style, own),
        }  # fmt: skip

    def _update_judges(self, made: dict) -> dict[str, tf.Tensor]:
        """One update of each judge, on constants."""
        x, own, target = made["x"], made["own"], made["target"]
        differs = tf.cast(tf.not_equal(own, target), tf.float32)
        logs = {}

        def update(name, loss_of) -> None:
            with tf.GradientTape() as tape:
                loss = self._mean(loss_of(self._training(name)))
            self._apply(name, self._gradients(tape, loss, (name,))[name])
            logs[f"{name}_loss"] = loss

        def of_content(judge):
            wrong = judge(made["h"], target)
            right = judge(made["h"], own)
            return matching.content_judge_loss(right, wrong, differs)

        update("content_judge", of_content)
        for name, images in self._judged(made):

            def of_images(judge, name=name, images=images):
                fake = judge(images, target)
                wrong = judge(x, target)
                right = judge(x, own)
                if name == IMAGE_JUDGES[0]:  # Which the monitor watches.
                    logs["score_fake"] = self._mean(_patch_mean(fake[0]))
                    logs["score_real"] = self._mean(_patch_mean(right[0]))
                return matching.image_judge_loss(right, wrong, fake, differs)

            update(name, of_images)
        return logs

    def _matching_loss(self, made: dict) -> tuple[tf.Tensor, dict]:
        """L1 and its terms, before their weights."""
        config, target = self.config.baselines, made["target"]
        logs = {}
        for name, images in reversed(self._judged(made)):
            scores = self._training(name)(images, target)
            loss = matching.image_generator_loss(scores)
            logs[f"{name}_generator"] = self._mean(loss)
        scores = self._training("content_judge")(made["h"], target)
        logs["content_judge_encoder"] = self._mean(
            matching.content_loss(scores)
        )
        loss = sum(logs.values())
        logs |= {
            "reconstruction": self._mean(
                l1_distance(made["reconstruction"], made["x"])
            ),
            "cycle": self._mean(l1_distance(made["cycle"], made["x"])),
            "kl": self._mean(kl_divergence(made["mean"], made["log_variance"])),
        }
        loss += config.identity_weight * logs["reconstruction"]
        loss += config.cycle_weight * logs["cycle"]
        loss += config.kl_weight * logs["kl"]
        return loss, {"generator_loss": loss} | logs

    def _cycle_losses(self, made: dict) -> list[tuple[tf.Tensor, dict]]:
        """L2 and L3, each with its terms before their weights."""
        config = self.config.baselines
        style = self._mean(latent_distance(made["read"], made["z"]))
        diversity, quotient = _shared_quotient(
            self._mean(latent_distance(made["z"], made["z2"])),
            self._mean(l1_distance(made["prior"], made["prior2"])),
        )
        content = self._mean(l1_distance(made["h"], made["again"]))
        second = config.style_weight * style
        second += config.diversity_weight * diversity
        return [
            (second, {"style": style, "diversity": quotient}),
            (config.content_weight * content, {"content": content}),
        ]

    def _judged(self, made: dict) -> list[tuple[str, tf.Tensor]]:
        images = (made["prior"], made["encoded"])
        return list(zip(IMAGE_JUDGES, images, strict=True))

    def _training(self, name: str):
        """A network's call in training."""
        network = self.networks[name]
        return lambda *inputs: network(*inputs, training=True)

    def _mean(self, values: tf.Tensor) -> tf.Tensor:
        """This replica's share of the mean over the global batch."""
        return tf.reduce_sum(values) / self.global_rows

    def _gradients(
        self, tape: tf.GradientTape, loss, names: tuple[str, ...]
    ) -> dict[str, list]:
        """Of some networks' weights, by network, in one way back."""
        # TensorFlow's own: it cannot make a zero for a Keras variable.
        values = {
            name: [v.value for v in self.networks[name].trainable_variables]
            for name in names
        }
        return tape.gradient(
            loss, values, unconnected_gradients=tf.UnconnectedGradients.ZERO
        )


def _patch_mean(scores: tf.Tensor) -> tf.Tensor:
    """(batch, m, m, 1) to (batch, 1)."""
    return tf.reduce_mean(scores, axis=(1, 2))


def _next(rows: tf.Tensor) -> tf.Tensor:
    """Rows of the next example of this replica's batch."""
    return tf.roll(rows, -1, axis=0)


def _shared_quotient(numerator, share) -> tuple[tf.Tensor, tf.Tensor]:
    """A quotient of two sums over replicas, of which each has its share.

    Returns:
        A loss whose gradients add up over replicas to the quotient's, and this
        replica's share of its value.
    """
    context = tf.distribute.get_replica_context()
    whole = tf.stop_gradient(share)
    if context.num_replicas_in_sync > 1:
        numerator, whole = context.all_reduce(
            tf.distribute.ReduceOp.SUM, [numerator, whole]
        )
    quotient = matching.diversity_quotient(numerator, whole)
    slope = -quotient / (whole + 1e-5)
    value = tf.stop_gradient(quotient / context.num_replicas_in_sync)
    return tf.stop_gradient(slope) * share, value
