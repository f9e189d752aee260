"""Adam in few passes over memory, and without a first moment that is none.

    m <- m + (1 - beta_1) (g - m),    v <- v + (1 - beta_2) (g^2 - v)
    w <- w - lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(v) + eps)

Kingma and Ba, arXiv 1412.6980, in the order that ends their section 2. Keras'
own computes it array by array, a dozen passes over arrays as large as all
weights with memory for each; TensorFlow has a kernel that makes one.

With BigGAN's beta_1 = 0, m is the gradient: nothing of it is kept, which saves
memory and checkpoints the size of all trained weights. Adagrad's kernel,

    a <- a + g^2,    w <- w - lr g / (sqrt(a) + eps),

is then Adam's, from a = beta_2 v with g times sqrt(1 - beta_2).
"""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("deepi2i_tf")
class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` without amsgrad, by TensorFlow's kernels."""

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self._scalars = _Scalars()

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes the moments of all variables that will be updated."""
        if self.built:
            return
        if self.beta_1 > 0.0:
            super().build(variables)
            return
        # Of the class above Keras' Adam, which would make both moments.
        super(keras.optimizers.Adam, self).build(variables)
        (self._velocities,) = self.add_optimizer_variables(
            variables, ["velocity"]
        )

    def apply(self, grads, trainable_variables=None) -> None:
        """Updates the variables; see `keras.optimizers.Optimizer.apply`."""
        # All variables of one update share its scalars.
        self._scalars.by_dtype = {}
        super().apply(grads, trainable_variables)
        self._scalars.by_dtype = None

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Updates one variable and its moments.

        Of an embedding, the gradient is the rows that were read.
        """
        # Rows that were not read move as well: their moments decay.
        gradient = tf.cast(tf.convert_to_tensor(gradient), variable.dtype)
        if self.beta_1 > 0.0:
            update, scalars = self._with_two_moments, self._scalars_of_two
        else:
            update, scalars = self._with_one_moment, self._scalars_of_one
        update(
            variable,
            gradient,
            self._scalars.once(variable.dtype, scalars, learning_rate),
        )

    def _scalars_of_two(self, kind, learning_rate) -> dict[str, tf.Tensor]:
        powers = self._powers(kind)
        return {
            "beta1_power": powers[0],
            "beta2_power": powers[1],
            "lr": tf.cast(learning_rate, kind),
            "beta1": tf.constant(self.beta_1, kind),
            "beta2": tf.constant(self.beta_2, kind),
            "epsilon": tf.constant(self.epsilon, kind),
        }

    def _with_two_moments(self, variable, gradient, scalars) -> None:
        index = self._get_variable_index(variable)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            grad=gradient,
            **scalars,
        )

    def _scalars_of_one(self, kind, learning_rate) -> tuple[tf.Tensor, ...]:
        """beta_2, sqrt(1 - beta_2), Adagrad's learning rate and epsilon."""
        beta_2 = tf.constant(self.beta_2, kind)
        share = tf.sqrt(1.0 - beta_2)
        _, power = self._powers(kind)
        rate = tf.cast(learning_rate, kind) * tf.sqrt(1.0 - power) / share
        return beta_2, share, rate, tf.constant(self.epsilon, kind)

    def _with_one_moment(self, variable, gradient, scalars) -> None:
        moment = self._velocities[self._get_variable_index(variable)].value
        beta_2, share, rate, epsilon = scalars
        moment.assign(beta_2 * moment)
        tf.raw_ops.ResourceApplyAdagradV2(
            var=variable.handle,
            accum=moment.handle,
            lr=rate,
            epsilon=epsilon,
            grad=share * gradient,
        )

    def _powers(self, kind) -> list[tf.Tensor]:
        """beta_1^t and beta_2^t."""
        finished = tf.cast(self.iterations + 1, kind)
        betas = self.beta_1, self.beta_2
        return [tf.pow(tf.constant(beta, kind), finished) for beta in betas]


class _Scalars:
    """The scalars of the update that is being made, once for each dtype."""

    def __init__(self) -> None:
        self.by_dtype = None

    def once(self, kind, make, learning_rate):
        """What `make` makes, or what it made before in this update."""
        if self.by_dtype is None:
            return make(kind, learning_rate)
        if kind not in self.by_dtype:
            self.by_dtype[kind] = make(kind, learning_rate)
        return self.by_dtype[kind]
