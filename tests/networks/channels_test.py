import dataclasses

import pytest

from deepi2i_tf.config import RESOLUTIONS, NetworkConfig
from deepi2i_tf.networks import channels


def at(resolution, **values):
    values = {"ch": 1, **values}
    return NetworkConfig(resolution=resolution, num_classes=3, **values)


def test_every_resolution_has_a_row():
    assert tuple(channels.TABLE) == RESOLUTIONS


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_rows_reach_their_resolution(resolution):
    row = channels.channels(at(resolution))
    assert 4 * 2 ** len(row.generator_in) == resolution
    assert len(row.generator_in) == len(row.generator_out)
    assert row.generator_in[1:] == row.generator_out[:-1]
    assert resolution // 2 ** sum(row.trunk_downsamples) == 4
    assert len(row.trunk_out) == len(row.trunk_downsamples)


def test_rows_are_multiples_of_ch():
    assert channels.channels(at(128, ch=96)).generator_in == (
        1536,
        1536,
        768,
        384,
        192,
    )


@pytest.mark.parametrize(
    "resolution, sizes",
    [
        (32, (4, 8)),
        (64, (4, 8, 16)),
        (128, (4, 8, 16, 32)),
        (512, (4, 8, 16, 32)),
    ],
)
def test_features_are_at_most_a_quarter_of_the_image(resolution, sizes):
    assert channels.feature_resolutions(resolution) == sizes


def test_adaptor_joins_2_4_8_16_to_4_8_16_16_at_128():
    # networks.md: 32: 2 -> 4, 16: 4 -> 8, 8: 8 -> 16, 4: 16 -> 16.
    config = at(128)
    assert channels.encoder_channels(config) == {4: 16, 8: 8, 16: 4, 32: 2}
    assert channels.generator_channels(config) == {4: 16, 8: 16, 16: 8, 32: 4}


@pytest.mark.parametrize(
    "resolution, dim_z, slots, length",
    [(128, 120, 6, 120), (64, 128, 5, 125), (32, 120, 4, 120)],
)
def test_z_is_rounded_down_to_a_multiple_of_its_slots(
    resolution, dim_z, slots, length
):
    config = at(resolution, dim_z=dim_z)
    assert channels.z_slots(config) == (slots, length // slots)
    assert channels.slotted_length(config) == length


def test_a_row_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        channels.TABLE[32].trunk_out = ()
