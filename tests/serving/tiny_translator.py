"""A translator of a few hundred weights with the interface of the real one."""

import keras
import numpy as np
from keras import ops

from deepi2i_tf.serving.saved_model import export_saved_model
from deepi2i_tf.serving.signatures import ServedTranslator

RESOLUTION = 32
DIM_Z = 6
CLASS_NAMES = ("husky", "golden retriever", "meerkat")


class TinyGenerator(keras.Model):
    """Embeds classes, and paints an embedding and z onto features."""

    def __init__(self, num_classes: int) -> None:
        super().__init__()
        self.shared = keras.layers.Embedding(num_classes, 5)
        self.condition = keras.layers.Dense(4)
        self.norm = keras.layers.BatchNormalization()
        self.paint = keras.layers.Conv2D(
            3, 3, padding="same", activation="tanh"
        )

    def embed(self, labels):
        return self.shared(labels)

    def call(self, features, z=None, embedding=None, training=False):
        condition = self.condition(ops.concatenate([embedding, z], axis=-1))
        hidden = features + condition[:, None, None, :]
        return self.paint(self.norm(hidden, training=training))


class TinyTranslator(keras.Model):
    """Adds a class to a picture, and some of z."""

    def __init__(self, num_classes: int = len(CLASS_NAMES)) -> None:
        super().__init__()
        self.encoder = keras.layers.Conv2D(4, 3, padding="same")
        self.generator = TinyGenerator(num_classes)

    def embed(self, labels):
        return self.generator.embed(labels)

    def call(self, images, z=None, labels=None, embedding=None, training=False):
        if embedding is None:
            embedding = self.embed(labels)
        return self.generator(
            self.encoder(images), z=z, embedding=embedding, training=training
        )


def build(seed: int = 0, num_classes: int = len(CLASS_NAMES)) -> TinyTranslator:
    """A built translator at 32 pixels, every weight random."""
    translator = TinyTranslator(num_classes)
    translator(
        np.zeros((1, RESOLUTION, RESOLUTION, 3), np.float32),
        z=np.zeros((1, DIM_Z), np.float32),
        labels=np.zeros((1,), np.int32),
    )
    random = np.random.default_rng(seed)
    for variable in translator.variables:
        noise = random.normal(0.0, 0.5, variable.shape)
        variable.assign(
            np.abs(noise) + 0.1 if "var" in variable.name else noise
        )
    return translator


def photo(height: int, width: int, seed: int = 0) -> np.ndarray:
    """A smooth colourful picture, uint8 (height, width, 3)."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    waves = random.uniform(0.02, 0.15, (2, 3))
    phase = y[..., None] * waves[0] + x[..., None] * waves[1]
    return (127.5 * (1 + np.sin(phase))).astype(np.uint8)


def serve(translator: keras.Model, dim_z: int = DIM_Z) -> ServedTranslator:
    """A translator with its signatures."""
    return ServedTranslator(translator, RESOLUTION, len(CLASS_NAMES), dim_z)


def export(
    path: str, seed: int = 0, names: tuple[str, ...] = CLASS_NAMES
) -> str:
    """Exports a translator and returns its path."""
    translator = build(seed, len(names))
    served = ServedTranslator(translator, RESOLUTION, len(names), DIM_Z)
    export_saved_model(served, names, path)
    return path
