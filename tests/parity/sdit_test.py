"""SDIT against the authors' PyTorch code.

Tolerances are of the largest recorded value: see `baselines.py`.
"""

import pytest

from deepi2i_tf.networks.sdit import SDITDiscriminator, SDITGenerator
from tests.parity import baselines

GOLDEN = baselines.Golden("sdit")
IMAGES = baselines.source_images()
TOLERANCES = {"float64": baselines.FLOAT64, "float32": 5e-5}


def place_without_attention(name):
    """Ours builds the dense stack between encoder and decoder."""
    first, second, *_ = name.split(".")
    if first != "main":
        return 1
    return 0 if int(second) < 16 else 2


class Pair:
    """Both networks with the reference weights."""

    def __init__(self, dtype):
        self.dtype = dtype
        self.generator = baselines.built(SDITGenerator, dtype)
        self.discriminator = baselines.built(SDITDiscriminator, dtype)
        self.entries = {
            "G": GOLDEN.entries(self.generator, "G", "ada.dec."),
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


def assert_near(errors, tolerance):
    assert not {k: e for k, e in errors.items() if e > tolerance}


def test_images_and_maps(pair):
    generator, z = pair.generator, baselines.latent("z")
    labels = baselines.TARGET_LABELS
    encoded = generator.encoder(pair.images, labels=labels)
    image = generator(pair.images, z, labels=labels)
    back = baselines.latent("z_back")
    ours = {
        "generator/encoded": encoded,
        "generator/adapted": generator.adapt(encoded, z),
        "generator/attention": generator.branch(encoded),
        "generator/adain_parameters": generator.parameters(z),
        "attention_shown": generator.attention_map(pair.images, labels)[:1],
        "image": image,
        "reconstruction": generator(
            image, back, labels=baselines.SOURCE_LABELS
        ),
    }
    errors = {key: GOLDEN.error(key, value) for key, value in ours.items()}
    assert_near(errors, TOLERANCES[pair.dtype])


def test_without_attention(pair):
    generator = baselines.built(SDITGenerator, pair.dtype, False)
    entries = GOLDEN.entries(
        generator, "plain", "dec.", place_without_attention
    )
    GOLDEN.load(entries, "plain")
    z = baselines.latent("z")
    image = generator(pair.images, z, labels=baselines.TARGET_LABELS)
    ours = {
        "plain/image": image,
        "plain/adain_parameters": generator.parameters(z),
    }
    errors = {key: GOLDEN.error(key, value) for key, value in ours.items()}
    assert_near(errors, TOLERANCES[pair.dtype])
