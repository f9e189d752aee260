"""What every model that translates images has: its translator."""

from typing import ClassVar

import keras
import tensorflow as tf

from deepi2i_tf.models.diagram import diagram
from deepi2i_tf.models.trained_model import TrainedModel
from deepi2i_tf.models.translator import BaseTranslator


class TranslatingModel(TrainedModel):
    """A model whose generating networks are a translator, as its averages are.

    Attributes:
        translator_class: called with the translating networks by their names.
    """

    translator_class: ClassVar[type[BaseTranslator]]

    @property
    def translator(self) -> BaseTranslator:
        """The networks that train as one model."""
        return self._give_translator()

    def call(self, images, z=None, labels=None, embedding=None, training=False):
        """Translates with the averages; see `BaseTranslator`."""
        return self.averaged(
            images, z=z, labels=labels, embedding=embedding, training=training
        )

    def predict_step(self, data) -> tf.Tensor:
        """Takes a dict of call arguments, as `predict` batches it."""
        return self.averaged.predict_step(data)

    def describe_data(self, class_names, fit) -> None:
        """See `TrainedModel`; the translator knows it, too."""
        super().describe_data(class_names, fit)
        self.averaged.class_names = self.class_names
        self.averaged.photo_fit = fit

    def diagram(self) -> keras.Model:
        """The networks for `keras.utils.plot_model`, with their counts."""
        return diagram(self.networks, self.config.network, self._connect)

    def adapted(self, images) -> dict:
        """What the translator makes of sources alone, at inference."""
        return self.translator.adapt(images)

    def generated(self, adapted: dict | None, z, labels):
        """Translations of what `adapted` gave, at inference."""
        return self.translator.generate(adapted, z, labels=labels)

    def _connect(self, parts, images, **others) -> dict:
        """How the networks hang together; see `diagram`."""
        raise NotImplementedError

    def _make_generating(self) -> BaseTranslator:
        networks = {name: self.networks[name] for name in self.generating_names}
        shape = self.config.network
        translator = self.translator_class(**networks, config=shape)
        # Keras would count networks twice that it finds in an attribute.
        self._give_translator = lambda: translator
        return translator

    def _make_averaged(self) -> keras.Model:
        networks = {name: self._another(name) for name in self.generating_names}
        shape = self.config.network
        return self.translator_class(**networks, config=shape, name="averaged")
