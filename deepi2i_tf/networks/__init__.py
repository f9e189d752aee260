"""The networks of every model family; `keras.ops` alone."""

from deepi2i_tf.networks.adaptor import Adaptor as Adaptor
from deepi2i_tf.networks.build import NETWORK_NAMES as NETWORK_NAMES
from deepi2i_tf.networks.build import Networks as Networks
from deepi2i_tf.networks.build import build_initialized as build_initialized
from deepi2i_tf.networks.build import build_network as build_network
from deepi2i_tf.networks.build import build_networks as build_networks
from deepi2i_tf.networks.build import (
    trainable_parameters as trainable_parameters,
)
from deepi2i_tf.networks.channels import (
    feature_resolutions as feature_resolutions,
)
from deepi2i_tf.networks.discriminator import Discriminator as Discriminator
from deepi2i_tf.networks.encoder import Encoder as Encoder
from deepi2i_tf.networks.families import FAMILIES as FAMILIES
from deepi2i_tf.networks.families import Family as Family
from deepi2i_tf.networks.families import family_of as family_of
from deepi2i_tf.networks.families import networks_of as networks_of
from deepi2i_tf.networks.families import z_length as z_length
from deepi2i_tf.networks.generator import Generator as Generator
from deepi2i_tf.networks.initial_weights import (
    spectral_layers as spectral_layers,
)
