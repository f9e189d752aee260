"""The leaky relu, in operations that no graph optimizer joins to others.

`keras.ops.leaky_relu` is TensorFlow's LeakyRelu, which Grappler fuses with the
convolution and the bias before it, for oneDNN (TensorFlow 2.21, x86 with
AVX-512). With it the second-order gradients of a critic's penalty had one of
two values, by chance, from call to call; kernels came out up to 6e-4 apart.
"""

from keras import ops


def leaky_relu(inputs, slope: float):
    """X where it is above 0, else `slope` x; as PyTorch, `slope` at 0."""
    return ops.where(inputs > 0, inputs, slope * inputs)
