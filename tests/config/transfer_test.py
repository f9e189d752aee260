"""Tests of the configuration of knowledge transfer."""

import pytest

from deepi2i_tf.config import Config, TrainingConfig
from deepi2i_tf.config.sections import (
    NETWORKS,
    TransferConfig,
)
from deepi2i_tf.networks import NETWORK_NAMES


def test_its_networks_are_those_that_are_built():
    assert NETWORKS == NETWORK_NAMES


@pytest.mark.parametrize(
    "values, said",
    [
        ({"class_rows": "first"}, "auto, name, features, mean"),
        ({"freeze": ("decoder",)}, "freeze='decoder'"),
        ({"init_networks": ("all",)}, "init_networks='all'"),
        ({"freeze": NETWORKS}, "leave a network that trains"),
    ],
)
def test_bad_values_are_refused(values, said):
    with pytest.raises(ValueError, match="Expected --") as error:
        TransferConfig(**values)
    assert said in str(error.value)


def test_what_needs_a_source_is_refused_without_one():
    transfer = TransferConfig(class_map="map.txt")
    with pytest.raises(ValueError, match="--init_from beside --class_map"):
        Config(transfer=transfer)
    training = TrainingConfig(init_from="runs/1")
    made = Config(training=training, transfer=transfer)
    assert Config.from_json(made.to_json()) == made
