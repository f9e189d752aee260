"""The networks that translate as one model: image in, image out."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from typing import Any, Self

import keras
import numpy as np
import tensorflow as tf

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.data.photo_files import fit_pixels, read_photos
from deepi2i_tf.networks import Adaptor, Encoder, Generator, z_length
from deepi2i_tf.networks.configured_network import (
    PACKAGE,
    network_config,
    plain,
)
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import CROP, Fit
from deepi2i_tf.utils.image_geometry import to_signed, to_uint8
from deepi2i_tf.utils.names import find_name

# Raise it when a file of this version could not be read by the one before.
FORMAT = 1


class BaseTranslator(keras.Model):
    """Translates images into classes; a family says by which networks.

    Args:
        networks: built, by the name of the attribute that each becomes.
        class_names: names in the order of the class numbers; may be empty.
        photo_fit: how photos become squares.
        config: shape of the networks.

    Call arguments:
        images: float32, (batch, R, R, 3), in [-1, 1].
        z: float32, (batch, z length), standard normal; None is z = 0.
        labels: int32, (batch,), target classes in [0, classes).
        embedding: (batch, numbers), a mixture of rows of `embed`; in place of
            labels.
        training: use batch statistics and let the states move.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """

    def __init__(
        self,
        networks: Mapping[str, keras.Model],
        class_names: Sequence[str] = (),
        photo_fit: Fit = CROP,
        config: NetworkConfig | None = None,
        **kwargs,
    ) -> None:
        super().__init__(name=kwargs.pop("name", "translator"), **kwargs)
        self._parts = tuple(networks)
        for name, network in networks.items():
            setattr(self, name, network)
        self.class_names = tuple(class_names)
        self.photo_fit = photo_fit
        self.config = config
        self._pictures = None
        self.built = True

    def adapt(self, images, training: bool = False) -> dict:
        """What of the sources no class and no z changes, by map size."""
        raise NotImplementedError

    def generate(
        self, adapted: dict, z, labels=None, embedding=None, training=False
    ):
        """Translations of what `adapt` gave; see the class."""
        raise NotImplementedError

    def embed(self, labels):
        """Rows that stand for classes and may be mixed, (batch, numbers)."""
        raise NotImplementedError

    def call(self, images, z=None, labels=None, embedding=None, training=False):
        """See the class."""
        self._require_inputs(images, labels, embedding)
        if z is None:
            z = tf.zeros((tf.shape(images)[0], z_length(self.config)))
        return self.generate(
            self.adapt(images, training=training),
            z,
            labels=labels,
            embedding=embedding,
            training=training,
        )

    def build(self, input_shape=None) -> None:
        """The networks come built."""
        del input_shape  # Nothing of its own to make.
        self.built = True

    def predict_step(self, data) -> tf.Tensor:
        """Takes a dict of call arguments, as `predict` batches it."""
        inputs, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        if not isinstance(inputs, dict):
            return super().predict_step(data)
        return self(**inputs, training=False)

    def translate(
        self,
        picture: str | os.PathLike | np.ndarray,
        target: str | int,
        seed: int = 0,
    ) -> np.ndarray:
        """Translates one picture.

        Args:
            picture: path of a photo, or uint8, (height, width, 3).
            target: name or number of the class.
            seed: of z.

        Returns:
            uint8, (R, R, 3).

        Raises:
            UserError: no picture, or no class of the model.
        """
        label = self.class_index(target)
        resolution = self.config.resolution
        if isinstance(picture, str | os.PathLike):
            (square,) = read_photos([picture], resolution, self.photo_fit)
        else:
            square = fit_pixels(picture, resolution, self.photo_fit)
        if self._pictures is None:
            self._pictures = tf.function(self._picture, autograph=False)
        made = self._pictures(
            tf.constant(to_signed(square)[None]),
            tf.constant([label], tf.int32),
            tf.constant([seed], tf.int64),
        )
        return to_uint8(made.numpy()[0])

    def class_index(self, target: str | int) -> int:
        """The number of a class, by its name or as it is.

        Raises:
            UserError: there is no such class.
        """
        return class_number(target, self.class_names, self.config.num_classes)

    def get_config(self) -> dict[str, Any]:
        """Plain values that `from_config` makes another translator of."""
        networks = {
            name: keras.saving.serialize_keras_object(getattr(self, name))
            for name in self._parts
        }
        return {
            "format": FORMAT,
            "name": self.name,
            "dtype": super().get_config()["dtype"],
            "networks": networks,
            "class_names": list(self.class_names),
            "photo_fit": plain(self.photo_fit.to_dict()),
            "config": plain(dataclasses.asdict(self.config)),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None) -> Self:
        """A translator with cheap, meaningless weights, to be assigned.

        Raises:
            UserError: the values are another version's.
        """
        values = dict(config)
        require_format(values.pop("format", None))
        networks = values.pop("networks")
        made = {
            name: keras.saving.deserialize_keras_object(
                network, custom_objects=custom_objects
            )
            for name, network in networks.items()
        }
        shape = network_config(values.pop("config"))
        fit = Fit.from_dict(values.pop("photo_fit"))
        return cls(**made, config=shape, photo_fit=fit, **values)

    def _picture(self, images, labels, seeds) -> tf.Tensor:
        z = draw_z(seeds, z_length(self.config))
        made = self(images, z=z, labels=labels, training=False)
        return tf.cast(made, tf.float32)

    def _require_inputs(self, images, labels, embedding) -> None:
        side = self.config.resolution if self.config else images.shape[1]
        if tuple(images.shape[1:]) != (side, side, 3):
            raise UserError(
                f"Expected images of (batch, {side}, {side}, 3). Received: "
                f"{tuple(images.shape)}. Resize them, or give translate() a "
                "photo of any size."
            )
        if labels is None and embedding is None:
            raise UserError(
                "Expected target classes beside the images. Received: none. "
                "Give labels=, one number for each image."
            )


@keras.saving.register_keras_serializable(PACKAGE)
class Translator(BaseTranslator):
    """DeepI2I's, y_hat = G(z, c, A(Psi(x))) (arXiv 2011.05867, section 3.1).

    Args:
        encoder: Psi, built; as are the others.
        adaptor: A.
        generator: G.
        class_names: see `BaseTranslator`, as for all else.
        photo_fit: see there.
        config: None takes the generator's.
    """

    def __init__(
        self,
        encoder: Encoder,
        adaptor: Adaptor,
        generator: Generator,
        class_names: Sequence[str] = (),
        photo_fit: Fit = CROP,
        config: NetworkConfig | None = None,
        **kwargs,
    ) -> None:
        super().__init__(
            {"encoder": encoder, "adaptor": adaptor, "generator": generator},
            class_names,
            photo_fit,
            config or getattr(generator, "config", None),
            **kwargs,
        )

    def adapt(self, images, training: bool = False) -> dict:
        """The adapted features A(Psi(x)) of source images, by map size."""
        features = self.encoder(images, training=training)
        return self.adaptor(features, training=training)

    def generate(
        self, adapted: dict, z, labels=None, embedding=None, training=False
    ):
        """G(z, c, features)."""
        return self.generator(
            z,
            adapted=adapted,
            labels=labels,
            embedding=embedding,
            training=training,
        )

    def embed(self, labels):
        """The generator's shared class embedding, (batch, shared_dim)."""
        return self.generator.embed(labels)


def draw_z(seeds: tf.Tensor, length: int) -> tf.Tensor:
    """Draws z from seeds, each example from its own.

    By a counter-based generator (Philox), so that an example depends neither
    on its neighbours in the batch nor on the device.

    Args:
        seeds: int64, (batch,), any value.
        length: of z.

    Returns:
        float32, (batch, length), standard normal.
    """

    def draw(one: tf.Tensor) -> tf.Tensor:
        key = tf.stack([one, tf.zeros_like(one)])
        return tf.random.stateless_normal((length,), seed=key, alg="philox")

    spec = tf.TensorSpec((length,), tf.float32)
    return tf.map_fn(draw, seeds, fn_output_signature=spec)


def class_number(
    target: str | int, class_names: Sequence[str], num_classes: int
) -> int:
    """The number of a class, by its name or as it is.

    Args:
        target: name or number.
        class_names: names in the order of the numbers; may be empty.
        num_classes: numbers are below it.

    Raises:
        UserError: there is no such class.
    """
    if isinstance(target, str):
        known = find_name(target, class_names)
        if known is not None:
            return list(class_names).index(known)
        few = ", ".join(class_names[:20]) or "none, it knows numbers alone"
        more = ", ..." if len(class_names) > 20 else ""
        raise UserError(
            f"Expected a class of the model. Received: {target!r}. Its names "
            f"are: {few}{more}."
        )
    if not 0 <= int(target) < num_classes:
        raise UserError(
            f"Expected a class number in 0..{num_classes - 1}. Received: "
            f"{target}. Choose one of them."
        )
    return int(target)


def require_format(found: object) -> None:
    """Refuses a model file of another version.

    Raises:
        UserError: see there.
    """
    if found != FORMAT:
        raise UserError(
            f"Expected a model file of format {FORMAT}. Received: format "
            f"{found}. Load it with the version of deepi2i_tf that wrote it."
        )
