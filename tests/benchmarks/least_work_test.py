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


def test_counts_of_the_other_families_are_the_design_page_s():
    shape = {"resolution": 128, "num_classes": 149, "ch": 64, "dim_z": 8}
    configs = {
        model: NetworkConfig(model=model, **shape)
        for model in ("stargan", "sdit", "dmit")
    }
    plain = NetworkConfig(model="sdit", attention=False, **shape)
    found = [
        least_work.label_generator_macs(configs["stargan"]),
        least_work.label_generator_macs(configs["sdit"]),
        least_work.label_generator_macs(plain),
        least_work.critic_macs(configs["sdit"]),
        *least_work.dmit_macs(configs["dmit"]),
    ]
    giga = [macs / 1e9 for macs in found]
    page = [9.7, 20.6, 14.5, 0.7, 6.1, 1.1, 8.5, 1.1, 1.5]
    assert giga == pytest.approx(page, abs=0.051)
    steps = [least_work.step_macs(c, 5) / 1e9 for c in configs.values()]
    # "About", says the page of a whole step.
    assert steps == pytest.approx([150.0, 270.0, 300.0], rel=0.08)
    assert least_work.step_macs(configs["dmit"]) == least_work.step_macs(
        configs["dmit"], 5
    )
