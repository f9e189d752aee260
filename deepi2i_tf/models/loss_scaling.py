"""Loss scaling for float16 (arXiv 1710.03740, section 3.2).

Activations' gradients are float16 like the activations, and below 6e-8 they
would be zero. So a backward pass starts from a large scale s in place of 1,
and the gradients of the weights, which are float32, are divided by s before
anything is added to them. Every optimizer has its own s: where a gradient of
its network is not finite, this network's update is left out and s halved;
after 2,000 updates in a row s is doubled. A loss of several networks takes the
smallest of their scales.

A scale mends a backward pass that overflows, and that is an everyday event. A
*loss* that is not finite is none: the forward pass left float16's range
(65504), no scale mends that, and batch statistics may have seen it. Training
stops there as in every other precision (`models/step_function.py`).
"""

from collections.abc import Iterable, Mapping

import keras
import tensorflow as tf

FLOAT16 = "mixed_float16"
LOSS_SCALE = "log2_loss_scale/"


@keras.saving.register_keras_serializable("deepi2i_tf")
class LossScaling(keras.optimizers.LossScaleOptimizer):
    """An optimizer that skips updates that are not finite; on all replicas.

    Keras' own asks the first replica whether its gradients are finite before
    they were summed over the replicas, and applies what any other one's
    overflow left in the sum.

    Attributes:
        dynamic_scale: s, float32, a power of two.
        step_counter: updates since s last changed.
    """

    def apply(self, grads, trainable_variables=None) -> None:
        """Updates weights from gradients that are divided by s already."""
        # Keras divides by s. A power of two changes no digit; and NaN, on
        # every replica, where one has a gradient that is not finite.
        finite = tf.cast(self.check_finite(grads), tf.float32)
        context = tf.distribute.get_replica_context()
        everywhere = context.all_reduce(tf.distribute.ReduceOp.SUM, finite)
        factor = tf.where(
            everywhere == context.num_replicas_in_sync,
            tf.convert_to_tensor(self.dynamic_scale),
            float("nan"),
        )
        scaled = [_times(gradient, factor) for gradient in grads]
        super().apply(scaled, trainable_variables)


def loss_scale(
    optimizers: Iterable[keras.optimizers.Optimizer],
) -> tf.Tensor | None:
    """The scale of a loss whose gradients several optimizers take.

    All or none of them scale; None where nothing is scaled.
    """
    scales = [
        tf.convert_to_tensor(optimizer.dynamic_scale)
        for optimizer in optimizers
        if isinstance(optimizer, LossScaling)
    ]
    return tf.reduce_min(scales) if scales else None


def scaled_gradients(
    tape: tf.GradientTape,
    loss: tf.Tensor,
    sources: list,
    scale: tf.Tensor | None,
    **options,
) -> list:
    """Gradients of a loss, by way of a scaled backward pass.

    They come no longer scaled, in the (nested) order of `sources`; a `scale` of
    None does not scale. Options are those of `tf.GradientTape.gradient`.
    """
    if scale is None:
        return tape.gradient(loss, sources, **options)
    gradients = tape.gradient(loss, sources, output_gradients=scale, **options)
    return tf.nest.map_structure(
        lambda gradient: _times(gradient, 1.0 / scale), gradients
    )


def scale_logs(
    optimizers: Mapping[str, keras.optimizers.Optimizer],
) -> dict[str, tf.Tensor]:
    """This replica's share of log2 s, by `LOSS_SCALE` and network.

    A network none of whose updates are finite any more thus ends in a log of
    minus infinity, at which training stops, and not in standing still.
    """
    replicas = tf.distribute.get_strategy().num_replicas_in_sync
    return {
        f"{LOSS_SCALE}{name}": tf.experimental.numpy.log2(
            tf.convert_to_tensor(optimizer.dynamic_scale)
        )
        / replicas
        for name, optimizer in optimizers.items()
        if isinstance(optimizer, LossScaling)
    }


def _times(gradient, factor: tf.Tensor):
    """Gradients of embeddings come as the rows that were looked up."""
    if isinstance(gradient, tf.IndexedSlices):
        return tf.IndexedSlices(
            gradient.values * factor, gradient.indices, gradient.dense_shape
        )
    return gradient * factor
