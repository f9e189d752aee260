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


@pytest.mark.parametrize(
    "section, values, said",
    [
        (config.DataConfig, {"shuffle_buffer": 0}, "shuffle_buffer=0"),
        (config.NetworkConfig, {"resolution": 48}, "32, 64, 128, 256, 512"),
        (config.NetworkConfig, {"num_classes": 1}, "at least 2"),
        (config.NetworkConfig, {"num_classes": -1}, "at least 0"),
        (config.NetworkConfig, {"injection_weights": (1.0,)}, "4 numbers"),
        (config.ObjectiveConfig, {"loss": "mse"}, "hinge"),
        (config.ObjectiveConfig, {"r1": float("nan")}, "r1=nan"),
        (config.OptimizerConfig, {"beta_2": 1.0}, "[0, 1.0)"),
        (config.OptimizerConfig, {"epsilon": 0.0}, "above 0"),
        (config.TrainingConfig, {"steps": 0}, "steps=0"),
        (config.TrainingConfig, {"stage": "late"}, "scratch, transfer"),
    ],
)
def test_bad_values_say_what_was_expected_and_what_came(section, values, said):
    with pytest.raises(ValueError) as error:
        section(**values)
    assert said in str(error.value)
    assert str(error.value).startswith("Expected --")
    assert "Received: " in str(error.value)


def test_a_config_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.Config().training.steps = 3


def test_images_per_step_counts_every_micro_batch():
    training = config.TrainingConfig(
        batch_size=4, num_accumulations=3, discriminator_steps=2
    )
    assert training.images_per_step == 24


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
