"""StarGAN: arXiv 1711.09020, one generator for all pairs of classes."""

import keras

from deepi2i_tf.models.critic_model import CriticModel
from deepi2i_tf.networks.configured_network import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class StarGAN(CriticModel):
    """Generator and critic, two optimizers and the averages of the translator.

    There is no z: a source has one translation into each class.

    Example:
        >>> config = Config.from_flagfile("flags/creatures_stargan.cfg")
        >>> data = load_dataset(config)
        >>> model = StarGAN(config, num_classes=len(data.class_names))
        >>> model.compile()
        >>> history = model.fit(data.train(), epochs=4, steps_per_epoch=500)

    Reference: arXiv 1711.09020.
    """

    family = "stargan"
    draws_z = False
