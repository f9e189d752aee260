"""The recorded numbers of the authors' code, and how ours are held to them."""

import pathlib

import numpy as np

from deepi2i_tf.networks import Networks
from tests.parity import drawn_weights

FOLDER = pathlib.Path(__file__).parents[1] / "golden"
NUMBERS = np.load(FOLDER / "upstream_ch8.npz")
# Large maps are stored thinned.
STRIDES = {32: 4, 16: 2, 8: 1, 4: 1}
Z = NUMBERS["z"]
FAKE_LABELS = NUMBERS["fake_label"].astype(np.int32)
TARGET_LABELS = NUMBERS["target_label"].astype(np.int32)
SOURCE = drawn_weights.image("source")
TARGET = drawn_weights.image("target")
# Rounding of the reference values themselves, which float64 shows.
FLOAT64_TOLERANCE = 1e-6


def error(key: str, value) -> float:
    """Largest difference, relative to the largest reference value."""
    expected = NUMBERS[key]
    difference = np.abs(np.asarray(value, np.float32) - expected)
    return float(difference.max() / np.abs(expected).max())


def errors_of_maps(prefix: str, maps) -> dict[str, float]:
    """`error` of every feature map."""
    return {
        f"{prefix}/{size}": error(
            f"{prefix}/{size}", value[:, :: STRIDES[size], :: STRIDES[size]]
        )
        for size, value in maps.items()
    }


def forward(networks: Networks, training: bool) -> dict[str, float]:
    """Errors of every output of one forward from freshly drawn weights."""
    drawn_weights.load_all(networks)
    mode = "train" if training else "eval"
    features = networks.encoder(SOURCE, training=training)
    adapted = networks.adaptor(features, training=training)
    image = networks.generator(
        Z, adapted=adapted, labels=FAKE_LABELS, training=training
    )
    logits, judged = networks.discriminator(
        np.concatenate([image, SOURCE]),
        np.arange(4, dtype=np.int32),
        training=training,
    )
    return {
        **errors_of_maps(f"{mode}/encoder", features),
        **errors_of_maps(f"{mode}/adaptor", adapted),
        **errors_of_maps(f"{mode}/discriminator", judged),
        f"{mode}/image": error(f"{mode}/image", image),
        f"{mode}/logits": error(f"{mode}/logits", logits),
    }
