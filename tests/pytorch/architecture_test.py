import dataclasses

import pytest

from deepi2i_tf.config import RESOLUTIONS, NetworkConfig
from deepi2i_tf.networks import build_network
from deepi2i_tf.pytorch.architecture import network_config
from deepi2i_tf.pytorch.upstream_names import upstream_entries
from deepi2i_tf.utils.errors import UserError
from tests.transfer.drawn_files import SMALL


def shapes(name, config=SMALL):
    """(file, shapes) as the original has them."""
    network = build_network(name, config)
    file = f"{name}.pth"
    return file, {
        entry.name: entry.upstream_shape()
        for entry in upstream_entries(network)
    }


@pytest.mark.parametrize("resolution", RESOLUTIONS)
@pytest.mark.parametrize("attention", [(), (16,), (8, 16)])
def test_every_architecture_is_read_back(resolution, attention):
    config = NetworkConfig(
        resolution=resolution,
        num_classes=7,
        ch=8,
        dim_z=16,
        shared_dim=5,
        attention_resolutions=attention,
        injection_weights=(0.1, 0.2, 0.3, 0.4),
    )
    found = network_config(
        shapes("generator", config),
        shapes("discriminator", config),
        shapes("encoder", config),
        injection_weights=config.injection_weights,
    )
    slots = len(config.injection_weights)
    assert slots == 4
    # The length of z is told rounded down, as it is used.
    assert found.dim_z <= config.dim_z < found.dim_z + 8
    assert dataclasses.replace(found, dim_z=16) == config


def test_a_generator_alone_is_enough():
    assert network_config(shapes("generator")).num_classes == 3


def test_the_published_biggan_at_its_own_size():
    # networks.md; shapes alone, at ch 96 no network is built.
    widths = [1536, 1536, 768, 384, 192, 96]
    table = {"shared.weight": (1000, 128), "linear.weight": (24576, 20)}
    for index in range(5):
        block = f"blocks.{index}.0"
        table[f"{block}.conv1.weight"] = (
            *widths[index + 1 :][:1],
            widths[index],
            3,
            3,
        )
        table[f"{block}.bn1.gain.weight"] = (widths[index], 148)
    table["blocks.3.1.theta.weight"] = (24, 192, 1, 1)
    found = network_config(("G_ema.pth", table))
    assert found == NetworkConfig(resolution=128, num_classes=1000, ch=96)


@pytest.mark.parametrize(
    "other, said",
    [
        ({"ch": 4}, "ch 2 and 4"),
        ({"num_classes": 9}, "classes 3 and 9"),
        ({"resolution": 64, "ch": 1}, "resolution 32 and 64; ch 2 and 1"),
        (
            {"attention_resolutions": (16,)},
            r"attention at \(\) and \(16,\)",
        ),
    ],
)
def test_files_of_two_networks_are_refused_in_numbers(other, said):
    other = dataclasses.replace(SMALL, **other)
    with pytest.raises(UserError, match=said) as error:
        network_config(shapes("generator"), shapes("discriminator", other))
    assert "generator.pth and discriminator.pth" in str(error.value)


def test_an_encoder_of_another_class_count_is_no_matter():
    other = dataclasses.replace(SMALL, num_classes=9)
    network_config(
        shapes("generator"), shapes("discriminator"), shapes("encoder", other)
    )


def generator_with(**changes):
    file, table = shapes("generator")
    for name, shape in changes.items():
        table.pop(name, None)
        if shape:
            table[name] = shape
    return file, table


@pytest.mark.parametrize(
    "changes, said",
    [
        (
            {"blocks.0.0.conv3.weight": (8, 8, 3, 3)},
            "BigGAN-deep, by its blocks.0.0.conv3.weight",
        ),
        (
            {"generator.layers.0.conv_0.weight_orig": (8, 8, 1, 1)},
            "Hugging Face's biggan-deep",
        ),
        ({"shared.weight": None}, "generator, with shared.weight of 2 axes"),
        ({"linear.weight": (3,)}, "linear.weight of 2 axes"),
        ({"blocks.0.0.conv1.weight": None}, "conv1.weight of 4 axes"),
        (
            {"blocks.1.0.conv1.weight": (9, 8, 3, 3)},
            "4, 4, 4, 4 times ch. Received: 8, 8, 9, 8",
        ),
        ({"blocks.2.0.conv1.weight": None}, r"4 \(32\), 5 \(64\).*Received: 3"),
        (
            {"blocks.0.0.bn1.gain.weight": (8, 8)},
            "8 numbers of the class and 4 of z.*Received: 8.*--hier",
        ),
        ({"shared.weight": (1, 8)}, "num_classes=1"),
    ],
)
def test_other_generators_are_refused(changes, said):
    with pytest.raises(UserError, match=said) as error:
        network_config(generator_with(**changes))
    assert "generator.pth" in str(error.value)
    assert "\n" not in str(error.value)


def test_files_in_each_others_place_are_refused():
    with pytest.raises(UserError, match="BigGAN-PyTorch's generator"):
        network_config(shapes("discriminator"))
    with pytest.raises(UserError, match="BigGAN-PyTorch's discriminator"):
        network_config(shapes("generator"), shapes("generator"))


def test_the_discriminator_of_cifar_is_refused():
    file, table = shapes("discriminator")
    for part in ("weight", "bias", "u0"):
        del table[f"blocks.2.0.conv_sc.{part}"]
    with pytest.raises(UserError, match="BigGAN's discriminator of CIFAR"):
        network_config(shapes("generator"), (file, table))
