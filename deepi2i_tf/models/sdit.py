"""SDIT: arXiv 1908.06881, StarGAN with a latent and an attention map."""

import keras

from deepi2i_tf.models.critic_model import CriticModel
from deepi2i_tf.networks.configured_network import PACKAGE


@keras.saving.register_keras_serializable(PACKAGE)
class SDIT(CriticModel):
    """StarGAN whose generator takes a z, which the critic reads again.

    Example:
        >>> config = Config.from_flagfile("flags/creatures_sdit.cfg")
        >>> data = load_dataset(config)
        >>> model = SDIT(config, num_classes=len(data.class_names))
        >>> model.compile()
        >>> history = model.fit(data.train(), epochs=4, steps_per_epoch=500)

    Reference: arXiv 1908.06881.
    """

    family = "sdit"
