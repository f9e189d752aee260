import pytest

from deepi2i_tf.config import NetworkConfig
from tests.benchmarks import least_work

PAPER = NetworkConfig(resolution=128, num_classes=1000, ch=96)


def test_counts_at_128_pixels_are_the_design_page_s():
    giga = 1e9
    generator = least_work.generator_macs(PAPER) / giga
    assert generator == pytest.approx(20.10, abs=0.005)
    assert least_work.trunk_macs(PAPER) / giga == pytest.approx(
        10.84, abs=0.005
    )
    assert least_work.adaptor_macs(PAPER) / giga == pytest.approx(
        7.02, abs=0.005
    )
    assert least_work.step_macs(PAPER) / giga == pytest.approx(231.5, abs=0.05)


def test_a_single_block_by_hand():
    # theta, phi: 2 channels; g, o: 8; 16 pixels see 4 pooled ones.
    assert least_work.attention_macs(4, 16) == 16 * 16 * 20 + 16 * 4 * 10


def test_the_identity_adaptor_costs_nothing():
    identity = NetworkConfig(resolution=32, num_classes=2, adaptor="identity")
    assert least_work.adaptor_macs(identity) == 0
    residual = NetworkConfig(resolution=32, num_classes=2)
    assert least_work.step_macs(residual) > least_work.step_macs(identity)
