"""Tests of the records of the model families."""

import pytest

from deepi2i_tf.config import (
    DMIT_NETWORKS,
    MODELS,
    NETWORKS,
    Config,
    OptimizerConfig,
)
from deepi2i_tf.networks import FAMILIES


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


def test_a_run_that_names_no_model_is_deepi2i():
    stored = Config().to_dict()
    del stored["network"]["model"]
    assert Config.from_dict(stored) == Config()
    assert Config().network.model == "deepi2i"
