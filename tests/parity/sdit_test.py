"""SDIT against the authors' PyTorch code: every recorded array.

Tolerances are of the largest recorded value; see `baselines.py`.
"""

import pytest

from deepi2i_tf.networks.sdit import SDITDiscriminator, SDITGenerator
from tests.parity import baselines, critics

GOLDEN = baselines.Golden("sdit")


def place_without_attention(name):
    """Ours builds the dense stack between encoder and decoder."""
    first, second, *_ = name.split(".")
    if first != "main":
        return 1
    return 0 if int(second) < 16 else 2


def made(dtype):
    networks = {
        "G": baselines.built(SDITGenerator, dtype),
        "D": baselines.built(SDITDiscriminator, dtype),
    }
    entries = {
        "G": GOLDEN.entries(networks["G"], "G", "ada.dec."),
        "D": GOLDEN.entries(networks["D"], "D"),
    }
    return critics.Critics(GOLDEN, networks, entries, latents=True)


def maps(pair):
    generator, labels = pair.generator, baselines.TARGET_LABELS
    z = baselines.latent("z")
    encoded = generator.encoder(pair.images, labels=labels)
    image = generator(pair.images, z, labels=labels)
    return {
        "generator/encoded": encoded,
        "generator/adapted": generator.adapt(encoded, z),
        "generator/attention": generator.branch(encoded),
        "generator/adain_parameters": generator.parameters(z),
        "attention_shown": generator.attention_map(pair.images, labels)[:1],
        "image": image,
        "reconstruction": pair.translate(
            image, baselines.SOURCE_LABELS, "z_back"
        ),
    }


def without_attention(dtype, images):
    generator = baselines.built(SDITGenerator, dtype, False)
    entries = GOLDEN.entries(
        generator, "plain", "dec.", place_without_attention
    )
    GOLDEN.load(entries, "plain")
    z = baselines.latent("z")
    return {
        "plain/image": generator(images, z, labels=baselines.TARGET_LABELS),
        "plain/adain_parameters": generator.parameters(z),
    }


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_recorded_array(dtype):
    pair = made(dtype)
    found = maps(pair) | without_attention(dtype, pair.images)
    errors = {key: GOLDEN.error(key, each) for key, each in found.items()}
    errors |= pair.all_losses()
    baselines.assert_all_near(GOLDEN, errors, dtype)
