import dataclasses
import json
import subprocess
import sys

import pytest

from deepi2i_tf import config


def test_json_round_trip_keeps_every_value():
    made = config.Config(
        network=config.NetworkConfig(
            num_classes=7, attention_resolutions=(16, 64)
        ),
        optimizer=config.OptimizerConfig(generator_lr=1.7e-5),
        training=config.TrainingConfig(run_dir="runs/a b", seed=3),
    )
    assert config.Config.from_json(made.to_json()) == made
    assert json.loads(made.to_json()) == json.loads(json.dumps(made.to_dict()))


def test_a_config_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.Config().training.steps = 3


def test_config_loads_neither_tensorflow_nor_absl():
    loaded = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, deepi2i_tf.config;"
            " print({'tensorflow', 'absl', 'keras'} & set(sys.modules))",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout.strip() == "set()"
