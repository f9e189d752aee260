"""StarGAN against the authors' PyTorch code.

Tolerances are of the largest recorded value: see `baselines.py`.
"""

import numpy as np
import pytest

from deepi2i_tf.networks.stargan import StarGANDiscriminator, StarGANGenerator
from tests.parity import baselines

GOLDEN = baselines.Golden("stargan")
IMAGES = baselines.source_images()
TOLERANCES = {"float64": baselines.FLOAT64, "float32": 5e-5}


class Pair:
    """Both networks with the reference weights."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.generator = baselines.built(StarGANGenerator, dtype)
        self.discriminator = baselines.built(StarGANDiscriminator, dtype)
        self.entries = {
            "G": GOLDEN.entries(self.generator, "G"),
            "D": GOLDEN.entries(self.discriminator, "D"),
        }
        self.images = IMAGES.astype(dtype)
        self.load()

    def load(self):
        for net, entries in self.entries.items():
            GOLDEN.load(entries, net)


@pytest.fixture(scope="module", params=["float64", "float32"])
def pair(request):
    return Pair(request.param)


def test_images_and_maps(pair):
    generator, labels = pair.generator, baselines.TARGET_LABELS
    encoder = generator.encoder
    first = encoder.first(pair.images, labels=labels)
    down = encoder.downs[1](encoder.downs[0](first))
    image = generator(pair.images, labels=labels)
    every = generator(
        np.repeat(pair.images[:1], 5, axis=0), embedding=np.eye(5)
    )
    ours = {
        "generator/first": first[:, ::4, ::4],
        "generator/down": down,
        "generator/bottleneck": encoder(pair.images, labels=labels),
        "image": image,
        "reconstruction": generator(image, labels=baselines.SOURCE_LABELS),
        "all_classes": every,
    }
    errors = {key: GOLDEN.error(key, value) for key, value in ours.items()}
    tolerance = TOLERANCES[pair.dtype]
    assert not {k: e for k, e in errors.items() if e > tolerance}
