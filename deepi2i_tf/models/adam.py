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


class Adam(keras.optimizers.Adam):
    """`keras.optimizers.Adam` without amsgrad, by TensorFlow's kernels.

    Args:
        **kwargs: of `keras.optimizers.Adam`.
    """

    def build(self, variables: list[keras.Variable]) -> None:
        """Makes the moments.

        Args:
            variables: all that will be updated.
        """
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

    def update_step(self, gradient, variable, learning_rate) -> None:
        """Updates one variable and its moments.

        Args:
            gradient: a tensor; of an embedding, the rows that were read.
            variable: the variable.
            learning_rate: lr, a scalar.
        """
        kind = variable.dtype
        # Rows that were not read move as well: their moments decay.
        gradient = tf.cast(tf.convert_to_tensor(gradient), kind)
        rate = tf.cast(learning_rate, kind)
        if self.beta_1 > 0.0:
            self._with_two_moments(variable, gradient, rate)
        else:
            self._with_one_moment(variable, gradient, rate)

    def _with_two_moments(self, variable, gradient, rate) -> None:
        index = self._get_variable_index(variable)
        powers = self._powers(variable.dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=powers[0],
            beta2_power=powers[1],
            lr=rate,
            beta1=tf.constant(self.beta_1, variable.dtype),
            beta2=tf.constant(self.beta_2, variable.dtype),
            epsilon=tf.constant(self.epsilon, variable.dtype),
            grad=gradient,
        )

    def _with_one_moment(self, variable, gradient, rate) -> None:
        moment = self._velocities[self._get_variable_index(variable)].value
        beta_2 = tf.constant(self.beta_2, variable.dtype)
        share = tf.sqrt(1.0 - beta_2)
        _, power = self._powers(variable.dtype)
        moment.assign(beta_2 * moment)
        tf.raw_ops.ResourceApplyAdagradV2(
            var=variable.handle,
            accum=moment.handle,
            lr=rate * tf.sqrt(1.0 - power) / share,
            epsilon=tf.constant(self.epsilon, variable.dtype),
            grad=share * gradient,
        )

    def _powers(self, kind) -> list[tf.Tensor]:
        """beta_1^t and beta_2^t."""
        finished = tf.cast(self.iterations + 1, kind)
        betas = self.beta_1, self.beta_2
        return [tf.pow(tf.constant(beta, kind), finished) for beta in betas]
