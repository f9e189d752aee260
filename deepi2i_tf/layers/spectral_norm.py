"""Spectral normalisation, written once for every kind of layer.

Miyato et al., "Spectral Normalization for Generative Adversarial Networks",
arXiv 1802.05957, algorithm 1, as BigGAN (arXiv 1809.11096) uses it.

The raw kernel W is what is stored and trained. Seen as a matrix of shape
(outputs, everything else), every training forward makes one power iteration
on constants,

    v  = n(u W),   u' = n(v W^T),   n(x) = x / max(|x|, eps),
    sigma = v W^T u'^T,

with a gradient through W only, computes with W / sigma, and stores u <- u'.
At inference the same iteration runs from the stored u and stores nothing.

`keras.layers.SpectralNormalization` differs: it writes W / sigma back into
the trained kernel and drops the gradient of sigma.
"""

import contextlib
import contextvars
from collections.abc import Iterator

import keras
from keras import ops

from deepi2i_tf.layers.normalized_kernel import Iteration, product, quotient
from deepi2i_tf.utils.backend import accumulation_dtype, run_after

EPSILON = 1e-6

_kernels = contextvars.ContextVar("kernels", default=None)


@contextlib.contextmanager
def one_iteration() -> Iterator[None]:
    """Calls in here are parts of one batch.

    A layer iterates in the first of them, and all compute with that W / sigma.
    What part of a batch a gradient does not come from, it then need not go
    through: of a joined batch it would be zeros, and cost as much as any.
    """
    token = _kernels.set({})
    try:
        yield
    finally:
        _kernels.reset(token)


class SpectralLayer(keras.layers.Layer):
    """A layer with one spectrally normalised weight.

    Subclasses create the weight with `add_spectral_weight` and compute with
    `normalized_weight` or `product`. The arithmetic of the norm is float32
    under every dtype policy; u and the last sigma are non-trainable float32
    weights that are safe to assign inside a replica, where all replicas assign
    one value.

    Args:
        epsilon: smallest norm that n(x) divides by.
        initializer: initializer of the weight. `networks/initial_weights.py`
            gives whole networks BigGAN's orthogonal weights.
        **kwargs: of `keras.layers.Layer`.

    Reference: arXiv 1802.05957.
    """

    def __init__(
        self, epsilon: float = EPSILON, initializer="glorot_uniform", **kwargs
    ) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.initializer = keras.initializers.get(initializer)

    def __call__(self, inputs, *args, **kwargs):
        """`keras.layers.Layer`'s, whose kernel is not made before its turn."""
        with run_after(inputs):
            return super().__call__(inputs, *args, **kwargs)

    def add_spectral_weight(self, name: str, shape: tuple, axis: int) -> None:
        """Creates the raw weight, u and sigma.

        `axis` is that of the outputs, first or last: u has as many entries.
        """
        self.raw_weight = self.add_weight(
            name=name,
            shape=shape,
            initializer=self.initializer,
            autocast=False,
        )
        self.outputs_first = axis == 0
        self.u = self.add_weight(
            name="u",
            shape=(1, shape[axis]),
            initializer="random_normal",
            trainable=False,
            autocast=False,
            dtype=accumulation_dtype(self.variable_dtype),
        )
        self.sigma = self.add_weight(
            name="sigma",
            shape=(),
            initializer="ones",
            trainable=False,
            autocast=False,
            dtype=accumulation_dtype(self.variable_dtype),
        )

    def iterate(self, training: bool = False) -> Iteration:
        """One power iteration from the stored u, which training replaces."""
        weight = self._read()
        if self.outputs_first:
            matrix = ops.transpose(weight)
        else:
            matrix = ops.reshape(weight, (-1, weight.shape[-1]))
        v = self._unit(
            ops.matmul(
                ops.convert_to_tensor(self.u),
                ops.transpose(ops.stop_gradient(matrix)),
            )
        )
        projected = ops.matmul(v, matrix)
        u = self._unit(ops.stop_gradient(projected))
        sigma = ops.sum(projected * u)
        if training:
            self.u.assign(u)
            self.sigma.assign(ops.stop_gradient(sigma))
        return Iteration(v, u, sigma)

    def normalized_weight(self, training: bool = False):
        """W / sigma, in the weight's shape and the layer's compute dtype."""
        return self._once("kernel", self._quotient, training)

    def _quotient(self, training: bool):
        iteration = self.iterate(training)
        divided = quotient(self._read(), iteration, self.outputs_first)
        return ops.cast(divided, self.compute_dtype)

    def product(self, rows, training: bool = False):
        """The product x W / sigma, without making W / sigma.

        `rows` is x, (rows, everything else).
        """
        iteration = self._once("iteration", self.iterate, training)
        return product(rows, self._read(), iteration)

    def _once(self, kind: str, make, training: bool):
        """What `make` gives, within `one_iteration` that of the first call."""
        made = _kernels.get()
        if made is None:
            return make(training)
        if (id(self), kind) not in made:
            made[id(self), kind] = make(training)
        return made[id(self), kind]

    def _read(self):
        # On TensorFlow `convert_to_tensor` would return the variable.
        return ops.cast(self.raw_weight, self.raw_weight.dtype)

    def _unit(self, x):
        # Of the constant, not of the tape: u and v carry no gradient.
        norm = ops.sqrt(ops.sum(ops.square(x)))
        return ops.stop_gradient(x / ops.maximum(norm, self.epsilon))

    def get_config(self) -> dict:
        """Arguments that re-create the layer."""
        return {
            **super().get_config(),
            "epsilon": self.epsilon,
            "initializer": keras.initializers.serialize(self.initializer),
        }
