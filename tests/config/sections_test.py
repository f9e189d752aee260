import pytest

from deepi2i_tf.config import (
    NETWORKS,
    Config,
    DataConfig,
    NetworkConfig,
    ObjectiveConfig,
    OptimizerConfig,
    TrainingConfig,
    TransferConfig,
)
from deepi2i_tf.networks import NETWORK_NAMES


@pytest.mark.parametrize(
    "section, values, said",
    [
        (DataConfig, {"shuffle_buffer": 0}, "shuffle_buffer=0"),
        (NetworkConfig, {"resolution": 48}, "32, 64, 128, 256, 512 pixels"),
        (NetworkConfig, {"num_classes": 1}, "at least 2"),
        (NetworkConfig, {"num_classes": -1}, "at least 0"),
        (NetworkConfig, {"dim_z": 7}, "at least 8"),
        (NetworkConfig, {"injection_weights": (1.0,)}, "4 numbers"),
        (NetworkConfig, {"attention_resolutions": (48,)}, "128, 256"),
        (ObjectiveConfig, {"loss": "mse"}, "hinge"),
        (ObjectiveConfig, {"reconstruction": "psnr"}, "l1, l2, ssim, none"),
        (ObjectiveConfig, {"r1": float("nan")}, "r1=nan"),
        (ObjectiveConfig, {"augment": ("flip",)}, "color, translation, cutout"),
        (ObjectiveConfig, {"augment_target": 0.6}, "augment_target=0.6 alone"),
        (OptimizerConfig, {"beta_2": 1.0}, "[0, 1.0)"),
        (OptimizerConfig, {"epsilon": 0.0}, "above 0"),
        (OptimizerConfig, {"adaptor_lr": -1e-9}, "at least 0.0"),
        (TrainingConfig, {"steps": 0}, "steps=0"),
        (TrainingConfig, {"stage": "late"}, "scratch, transfer"),
        (TrainingConfig, {"sample_every": -1}, "at least 0"),
        (TransferConfig, {"class_rows": "first"}, "auto, name, features, mean"),
        (TransferConfig, {"freeze": ("critic",)}, "freeze='critic'"),
        (TransferConfig, {"init_networks": ("all",)}, "init_networks='all'"),
        (TransferConfig, {"freeze": NETWORKS}, "leave a network that trains"),
    ],
)
def test_bad_values_say_what_was_expected_and_what_came(section, values, said):
    with pytest.raises(ValueError, match="^Expected --.* Received: ") as error:
        section(**values)
    assert said in str(error.value)


def test_networks_of_transfer_are_those_that_are_built():
    assert NETWORKS == NETWORK_NAMES


def test_images_per_step_counts_every_micro_batch_and_round():
    training = TrainingConfig(
        batch_size=4, num_accumulations=8, discriminator_steps=2
    )
    assert training.images_per_step == 64


def test_names_survive_json_as_a_tuple():
    made = Config(data=DataConfig(held_out_classes=("red fox", "elk")))
    assert Config.from_json(made.to_json()) == made


def test_what_needs_a_source_is_refused_without_one():
    transfer = TransferConfig(class_map="map.txt")
    with pytest.raises(ValueError, match="--init_from beside --class_map"):
        Config(transfer=transfer)
    training = TrainingConfig(init_from="runs/1")
    made = Config(training=training, transfer=transfer)
    assert Config.from_json(made.to_json()) == made
