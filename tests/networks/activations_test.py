import dataclasses

import pytest

from deepi2i_tf.config import NETWORKS, Config, NetworkConfig, TrainingConfig
from deepi2i_tf.networks import family_of
from deepi2i_tf.networks.activations import Activations, activations_of

SMALL = NetworkConfig(resolution=32, num_classes=3, ch=1)


def of(name, network=SMALL, policy="float32"):
    return activations_of(name, network, policy)


def test_the_smallest_trunk_by_hand():
    # Four blocks of 4 channels, at 32, 16, 8 and 4 pixels; inputs of both
    # convolutions, and of the shortcut's behind the pooling.
    kept = 32 * 32 * (3 + 4) + 16 * 16 * 3
    kept += 16 * 16 * (4 + 4) + 8 * 8 * 4
    kept += 8 * 8 * (4 + 4) + 4 * 4 * 4
    kept += 4 * 4 * (4 + 4)
    largest = 32 * 32 * 4
    assert of("encoder") == Activations(4 * kept, 4 * 3 * largest)
    assert of("discriminator") == of("encoder")


def test_the_smallest_adaptor_by_hand():
    # Channels agree at 4 and 8 pixels: the shortcuts are identities.
    kept = 8 * 8 * (4 + 4) + 4 * 4 * (4 + 4)
    assert of("adaptor") == Activations(4 * kept, 4 * 3 * 8 * 8 * 4)
    identity = dataclasses.replace(SMALL, adaptor="identity")
    assert of("adaptor", identity) == Activations()


def test_attention_keeps_a_score_for_every_pair_of_pixels():
    without = dataclasses.replace(SMALL, attention_resolutions=())
    at_16 = dataclasses.replace(SMALL, attention_resolutions=(16,))
    scores = 4 * (16 * 16) * (8 * 8)
    for name in ("encoder", "generator"):
        more = of(name, at_16).kept - of(name, without).kept
        assert scores < more < 1.2 * scores
    assert of("adaptor", at_16) == of("adaptor", without)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_halves_all_but_the_statistics(name, policy):
    full, half = of(name), of(name, policy=policy)
    if name == "generator":
        assert 0.5 * full.kept < half.kept < full.kept
    else:
        assert half.kept == full.kept / 2


@pytest.mark.parametrize("name", NETWORKS)
def test_more_pixels_and_more_channels_take_more(name):
    sizes = [
        of(name, dataclasses.replace(SMALL, resolution=side)).kept
        for side in (32, 64, 128, 256, 512)
    ]
    wide = of(name, dataclasses.replace(SMALL, ch=2)).kept
    # From 256 pixels on the adaptor sees maps of the same sizes.
    assert sizes == sorted(sizes) and len(set(sizes)) >= 4
    assert wide > of(name).kept


def test_a_step_of_dmit_keeps_five_images_and_two_of_each_encoder():
    """Megabytes of an image at 128 px and ch 64, counted by hand elsewhere."""
    network = NetworkConfig(
        model="dmit", resolution=128, ch=64, num_classes=3, dim_z=8
    )
    kept = family_of(network).activations(Config(network=network), ())
    passes = 2 * (46 + 15) + 5 * 55 + 2 * 18 + 3
    working = 3 * 4 * 128 * 128 * 64 / 1e6
    assert kept / 1e6 == pytest.approx(passes + working, rel=0.05)


@pytest.mark.parametrize(
    "model, generator",
    [({"model": "stargan"}, 53), ({"model": "sdit"}, 102),
     ({"model": "sdit", "attention": False}, 80)],
)  # fmt: skip
def test_a_step_of_critics_keeps_two_translations_and_a_score(model, generator):
    """Megabytes of an image at 128 px and ch 64, counted by hand elsewhere."""
    network = NetworkConfig(resolution=128, ch=64, num_classes=3, **model)
    config = Config(network=network)
    kept = family_of(network).activations(config, ("generator",))
    critic, working = 4, 3 * 4 * 128 * 128 * 64 / 1e6
    assert kept / 1e6 == pytest.approx(
        2 * generator + critic + working, rel=0.02
    )
    half = dataclasses.replace(
        config, training=TrainingConfig(mixed_precision="mixed_bfloat16")
    )
    assert 0.5 * kept < family_of(network).activations(half, ()) < kept
