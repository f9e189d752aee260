"""The functions inside an exported translator.

Everything that a caller may get wrong is checked inside the graph, since the
graph is all that a server has: a class out of range, or inputs of different
batch sizes, end in an InvalidArgumentError that says what was expected.

z is drawn for each example from its own seed with a counter-based generator
(Philox), so an example's picture depends neither on its neighbours in the
batch nor on the device.
"""

import keras
import tensorflow as tf

from deepi2i_tf.data.image_geometry import fit_square
from deepi2i_tf.data.orientation import read_orientation, turn_upright
from deepi2i_tf.data.photo_formats import decode_any
from deepi2i_tf.models.translator import draw_z
from deepi2i_tf.utils.fit import CROP, Fit


class ServedTranslator:
    """A translator with the signatures of an exported model.

    No `tf.Module`: the SavedModel holds the variables and these functions, and
    nothing that Keras would add on finding one of its models.

    Args:
        translator: called as `translator(images, z=z, labels=labels,
            training=False)`, and for mixtures of classes with
            `embedding=` instead of `labels=`; `translator.embed`
            maps labels, int32 (batch,), to embeddings, float32 (batch, dim).
        resolution: side R of the pictures, in pixels.
        num_classes: classes C.
        dim_z: length of z.
        fit: how photos become squares.
        model: its family, for the record.
    """

    def __init__(
        self,
        translator: keras.Model,
        resolution: int,
        num_classes: int,
        dim_z: int,
        fit: Fit = CROP,
        model: str = "",
    ) -> None:
        self.model = model
        self.translator = translator
        self.resolution = resolution
        self.num_classes = num_classes
        self.dim_z = dim_z
        self.fit = fit

    def named_signatures(
        self,
    ) -> dict[str, tf.types.experimental.PolymorphicFunction]:
        """Signature name -> function, `serving_default` first."""
        side = self.resolution
        images = tf.TensorSpec((None, side, side, 3), tf.float32, "images")
        z = tf.TensorSpec((None, self.dim_z), tf.float32, "z")

        def per_example(name: str, dtype: tf.DType) -> tf.TensorSpec:
            return tf.TensorSpec((None,), dtype, name)

        inputs = {
            "serving_default": (
                self.translate_files,
                per_example("image_bytes", tf.string),
                per_example("target_class", tf.int32),
                per_example("seed", tf.int64),
            ),
            "translate": (
                self.translate,
                images,
                per_example("target_class", tf.int32),
                z,
            ),
            "translate_mix": (
                self.translate_mix,
                images,
                per_example("first_class", tf.int32),
                per_example("second_class", tf.int32),
                per_example("amount", tf.float32),
                z,
            ),
            "sample_z": (self.sample_z, per_example("seed", tf.int64)),
        }
        return {
            name: tf.function(function, input_signature=specs, autograph=False)
            for name, (function, *specs) in inputs.items()
        }

    def translate_files(
        self, image_bytes: tf.Tensor, target_class: tf.Tensor, seed: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Encoded pictures of any size to encoded pictures of R x R.

        Args:
            image_bytes: string, (batch,): JPEG, PNG, WebP, GIF, BMP, of at
                most 89 million pixels.
            target_class: int32, (batch,), in 0..C-1.
            seed: int64, (batch,), any value.

        Returns:
            `{"translated_bytes": string (batch,), PNG}`.
        """
        images = read_images(image_bytes, self.resolution, self.fit)
        z = self.sample_z(seed)["z"]
        translated = self.translate(images, target_class, z)["images"]
        return {"translated_bytes": encode_png(translated)}

    def translate(
        self, images: tf.Tensor, target_class: tf.Tensor, z: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """Translates pictures to one class each.

        Args:
            images: float32, (batch, R, R, 3), in [-1, 1].
            target_class: int32, (batch,), in 0..C-1.
            z: float32, (batch, dim_z), standard normal.

        Returns:
            `{"images": float32 (batch, R, R, 3), in [-1, 1]}`.
        """
        checks = self._check(images, z, target_class=target_class)
        with tf.control_dependencies(checks):
            translated = self.translator(
                images, z=z, labels=tf.identity(target_class), training=False
            )
        return {"images": _in_range(translated)}

    def translate_mix(
        self,
        images: tf.Tensor,
        first_class: tf.Tensor,
        second_class: tf.Tensor,
        amount: tf.Tensor,
        z: tf.Tensor,
    ) -> dict[str, tf.Tensor]:
        """Translates to a point between two classes.

        The class embedding is `(1 - amount) e(first) + amount e(second)`.

        Args:
            images: float32, (batch, R, R, 3), in [-1, 1].
            first_class: int32, (batch,), in 0..C-1.
            second_class: int32, (batch,), in 0..C-1.
            amount: float32, (batch,); 0 is the first class, 1 the second.
            z: float32, (batch, dim_z), standard normal.

        Returns:
            `{"images": float32 (batch, R, R, 3), in [-1, 1]}`.
        """
        checks = self._check(
            images, z, first_class=first_class, second_class=second_class
        )
        checks.append(_require_batch(images, "amount", amount))
        with tf.control_dependencies(checks):
            embed = self.translator.embed
            first = embed(tf.identity(first_class))
            second = embed(tf.identity(second_class))
            weight = tf.cast(amount, first.dtype)[:, tf.newaxis]
            translated = self.translator(
                images,
                z=z,
                embedding=(1.0 - weight) * first + weight * second,
                training=False,
            )
        return {"images": _in_range(translated)}

    def sample_z(self, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        """Draws z from seeds, each example from its own.

        Args:
            seed: int64, (batch,), any value.

        Returns:
            `{"z": float32 (batch, dim_z), standard normal}`.
        """
        return {"z": draw_z(seed, self.dim_z)}

    def _check(
        self, images: tf.Tensor, z: tf.Tensor, **classes: tf.Tensor
    ) -> list[tf.Operation]:
        # TensorFlow's fused convolutions fail on an empty batch.
        some = tf.debugging.Assert(
            tf.shape(images)[0] > 0,
            ["Expected at least one image. Received: an empty batch."],
        )
        checks = [some, _require_batch(images, "z", z)]
        for name, values in classes.items():
            checks.append(_require_batch(images, name, values))
            checks.append(
                tf.debugging.Assert(
                    tf.reduce_all((values >= 0) & (values < self.num_classes)),
                    [
                        f"Expected {name} in 0..{self.num_classes - 1}, the "
                        "lines of assets/class_names.txt. Received:",
                        values,
                    ],
                )
            )
        return checks


def _require_batch(
    images: tf.Tensor, name: str, values: tf.Tensor
) -> tf.Operation:
    """Keeps a batch of one from being repeated without a word."""
    return tf.debugging.Assert(
        tf.equal(tf.shape(images)[0], tf.shape(values)[0]),
        [
            f"Expected as many {name} as images. Received, images and {name}:",
            tf.shape(images)[0],
            tf.shape(values)[0],
        ],
    )


def _in_range(images: tf.Tensor) -> tf.Tensor:
    return tf.clip_by_value(tf.cast(images, tf.float32), -1.0, 1.0)


def read_images(
    image_bytes: tf.Tensor, resolution: int, fit: Fit = CROP
) -> tf.Tensor:
    """Decodes pictures of any sizes into one batch, as the commands do.

    Photos are turned as their EXIF block asks, what is transparent is laid on
    white, and all are fitted into squares.

    Args:
        image_bytes: string, (batch,): JPEG, PNG, WebP, GIF or BMP; of moving
            ones the first frame.
        resolution: side R of the result, in pixels.
        fit: the way.

    Returns:
        float32, (batch, R, R, 3), in [-1, 1].
    """
    # Bytes are looked at one by one; on a GPU each would be a kernel.
    with tf.device("CPU:0"):
        return tf.map_fn(
            lambda encoded: _read_image(encoded, resolution, fit),
            image_bytes,
            fn_output_signature=tf.TensorSpec(
                (resolution, resolution, 3), tf.float32
            ),
        )


def encode_png(images: tf.Tensor) -> tf.Tensor:
    """Encodes float32 pictures in [-1, 1] as PNG, string (batch,)."""
    steps = tf.cast(tf.round((images + 1.0) * 127.5), tf.uint8)
    return tf.io.encode_png(steps)


def _read_image(encoded: tf.Tensor, resolution: int, fit: Fit) -> tf.Tensor:
    square = fit_square(decode_any(encoded), resolution, fit)
    return turn_upright(square, read_orientation(encoded)) / 127.5 - 1.0
