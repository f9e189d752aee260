"""Instance normalisation whose gain or bias comes from elsewhere.

    AdaIN(x; s, b) = s IN(x) + b

with s and b per example and channel (Huang and Belongie, arXiv 1703.06868);
the gain is s itself, not 1 + s.
"""

from deepi2i_tf.layers.instance_norm import normalize
from deepi2i_tf.utils.backend import upcast


def adaptive_instance_norm(inputs, gain, bias):
    """AdaIN of maps.

    Args:
        inputs: (batch, height, width, channels).
        gain: s, (batch, channels).
        bias: b, (batch, channels).

    Returns:
        The shape and type of `inputs`.
    """
    return normalize(inputs, _per_map(gain), _per_map(bias))


def _per_map(values):
    return upcast(values)[:, None, None, :]
