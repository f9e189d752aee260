"""Layer normalisation of whole maps, as DMIT's decoder has it.

Ba et al., arXiv 1607.06450, over height, width and channels of each example
together, with the biased variance and eps 1e-5; then a gain and a bias for each
channel.
"""

from deepi2i_tf.layers.instance_norm import InstanceNorm


class MapNorm(InstanceNorm):
    """gain LN(x) + bias, with a trained gain and bias for each channel.

    Call arguments:
        inputs: (batch, height, width, channels).

    Attributes:
        axes: what the statistics are taken over.

    Reference: arXiv 1607.06450.
    """

    axes = (1, 2, 3)
