"""Layers that the four networks share; `keras.ops` alone."""

from deepi2i_tf.layers.conditional_batch_norm import (
    BatchNorm as BatchNorm,
)
from deepi2i_tf.layers.conditional_batch_norm import (
    ConditionalBatchNorm as ConditionalBatchNorm,
)
from deepi2i_tf.layers.residual_blocks import (
    GeneratorBlock as GeneratorBlock,
)
from deepi2i_tf.layers.residual_blocks import (
    TrunkBlock as TrunkBlock,
)
from deepi2i_tf.layers.self_attention import (
    SelfAttention as SelfAttention,
)
from deepi2i_tf.layers.spectral_layers import (
    SpectralConv as SpectralConv,
)
from deepi2i_tf.layers.spectral_layers import (
    SpectralDense as SpectralDense,
)
from deepi2i_tf.layers.spectral_layers import (
    SpectralEmbedding as SpectralEmbedding,
)
from deepi2i_tf.layers.spectral_norm import (
    SpectralLayer as SpectralLayer,
)
