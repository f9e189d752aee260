"""StarGAN against the authors' PyTorch code: every recorded array.

Tolerances are of the largest recorded value; see `baselines.py`.
"""

import numpy as np
import pytest

from deepi2i_tf.networks.stargan import StarGANDiscriminator, StarGANGenerator
from tests.parity import baselines, critics

GOLDEN = baselines.Golden("stargan")


def made(dtype):
    networks = {
        "G": baselines.built(StarGANGenerator, dtype),
        "D": baselines.built(StarGANDiscriminator, dtype),
    }
    entries = {net: GOLDEN.entries(each, net) for net, each in networks.items()}
    return critics.Critics(GOLDEN, networks, entries, latents=False)


def maps(pair):
    generator, labels = pair.generator, baselines.TARGET_LABELS
    encoder = generator.encoder
    first = encoder.first(pair.images, labels=labels)
    image = generator(pair.images, labels=labels)
    all_classes = generator(
        np.repeat(pair.images[:1], 5, axis=0), embedding=np.eye(5)
    )
    return {
        "generator/first": first[:, ::4, ::4],
        "generator/down": encoder.downs[1](encoder.downs[0](first)),
        "generator/bottleneck": encoder(pair.images, labels=labels),
        "image": image,
        "reconstruction": pair.translate(image, baselines.SOURCE_LABELS),
        "all_classes": all_classes,
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_recorded_array(dtype):
    pair = made(dtype)
    errors = {key: GOLDEN.error(key, each) for key, each in maps(pair).items()}
    errors |= pair.all_losses()
    baselines.assert_all_near(GOLDEN, errors, dtype)
