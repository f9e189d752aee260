"""Tests of the records of the model families."""

import pytest
import tensorflow as tf

from deepi2i_tf.config import (
    DMIT_NETWORKS,
    MODELS,
    NETWORKS,
    Config,
    NetworkConfig,
    OptimizerConfig,
)
from deepi2i_tf.config.model_flags import UNREAD
from deepi2i_tf.networks import FAMILIES, build_network, trainable_parameters
from tests.training.collapse_monitor_test import CRITIC, HINGE

# Of the released code at ch 64, without what it never uses.
CLASSES = (5, 149, 256, 555)
_COUNTS = {
    ("stargan", "generator", True, 128): (
        8_430_528, 8_882_112, 9_217_664, 10_155_328,
    ),
    ("stargan", "discriminator", True, 128): (
        44_762_048, 45_941_696, 46_818_240, 49_267_648,
    ),
    ("stargan", "discriminator", True, 256): (
        44_884_928, 49_603_520, 53_109_696, 62_907_328,
    ),
    ("sdit", "generator", True, 128): (
        19_388_098, 19_839_682, 20_175_234, 21_112_898,
    ),
    ("sdit", "generator", False, 128): (
        13_482_432, 13_934_016, 14_269_568, 15_207_232,
    ),
    ("sdit", "discriminator", True, 128): (
        44_909_840, 46_089_488, 46_966_032, 49_415_440,
    ),
    ("dmit", "decoder", True, 128): (
        7_786_051, 8_228_419, 8_557_123, 9_475_651,
    ),
    ("dmit", "content_encoder", True, 128): (5_383_360,) * 4,
    ("dmit", "style_encoder", True, 128): (1_343_120,) * 4,
    ("dmit", "content_judge", True, 128): (
        17_915_649, 18_431_745, 18_815_233, 19_886_849,
    ),
    ("dmit", "prior_judge", True, 128): (
        3_132_962, 3_326_498, 3_470_306, 3_872_162,
    ),
    ("dmit", "encoded_judge", True, 256): (
        751_522, 834_466, 896_098, 1_068_322,
    ),
}  # fmt: skip


def test_every_model_of_the_flag_has_a_record():
    assert tuple(FAMILIES) == MODELS


@pytest.mark.parametrize("model", FAMILIES)
def test_a_record_speaks_of_its_own_networks(model):
    family = FAMILIES[model]
    names = set(family.networks)
    assert names <= {*NETWORKS, *DMIT_NETWORKS}
    assert set(family.translating) < names
    assert set(family.rates) == names
    assert set(family.rates.values()) <= set(vars(OptimizerConfig()))
    assert family.stages["scratch"] == tuple(family.networks)
    assert all(names.issuperset(each) for each in family.stages.values())


def test_critics_have_rules_of_their_own():
    watched = {model: FAMILIES[model].watch for model in FAMILIES}
    assert watched["stargan"] == watched["sdit"] == CRITIC
    assert watched["deepi2i"] == HINGE
    assert watched["dmit"].loss == "prior_judge_loss"
    assert watched["dmit"].charted == ("prior_judge_loss", *HINGE.charted[1:])


@pytest.mark.parametrize("model", FAMILIES)
def test_what_is_recommended_is_a_flag_that_the_model_reads(model):
    flags = [
        word.removeprefix("--")
        for remedy in FAMILIES[model].watch.remedies
        for word in remedy.split()
        if word.startswith("--")
    ]
    assert flags and not UNREAD[model].intersection(flags)


def test_a_run_that_names_no_model_is_deepi2i():
    stored = Config().to_dict()
    del stored["network"]["model"]
    assert Config.from_dict(stored) == Config()
    assert Config().network.model == "deepi2i"


@pytest.mark.parametrize(
    "model, name, attention, resolution",
    [
        # dmit_test.py counts at 149 classes.
        pytest.param(*key, marks=[pytest.mark.slow] * (key[0] == "dmit"))
        for key in _COUNTS
    ],
)
def test_parameter_counts(model, name, attention, resolution):
    """Of weights that no memory is taken for: a graph is only described."""
    counts = []
    for classes in CLASSES:
        config = NetworkConfig(
            model=model,
            resolution=resolution,
            num_classes=classes,
            dim_z=8,
            attention=attention,
            ch=64,
        )
        with tf.Graph().as_default():
            counts.append(trainable_parameters(build_network(name, config)))
    assert tuple(counts) == _COUNTS[model, name, attention, resolution]
