"""Which flags which model reads: every field stands here once more."""

import dataclasses

import pytest

from deepi2i_tf.config import (
    MODELS,
    Config,
    NetworkConfig,
    ObjectiveConfig,
    OptimizerConfig,
    TrainingConfig,
)
from deepi2i_tf.config.model_flags import UNREAD

ALL = {
    "dataset", "data_dir", "data_config", "data_source", "flip", "cache",
    "shuffle_buffer", "verify_data", "held_out_classes",
    "model", "resolution", "num_classes", "ch",
    "generator_lr", "discriminator_lr", "beta_1", "beta_2", "epsilon",
    "average_decay", "decay_steps",
    "steps", "batch_size", "num_accumulations", "discriminator_steps", "seed",
    "deterministic", "checkpoint_every", "keep_checkpoints", "sample_every",
    "evaluate_every", "best_metric", "log_every", "mixed_precision",
    "jit_compile", "num_replicas", "run_dir", "runs_dir", "name",
    "freeze",
    "on_collapse", "monitor_every", "max_rollbacks", "rollback_margin",
}  # fmt: skip
CRITICS = ALL | {"classification_weight", "cycle_weight", "gradient_penalty"}
READ = {
    "deepi2i": ALL | {
        "dim_z", "shared_dim", "adaptor", "attention_resolutions",
        "injection_weights",
        "encoder_lr", "adaptor_lr", "stage", "warmup_steps", "init_from",
        "init_networks", "class_map", "class_rows", "train_encoder",
        "loss", "reconstruction", "reconstruction_weights", "orthogonal", "r1",
        "r1_every", "augment", "augment_target", "augment_kimg", "consistency",
        "lecam", "lecam_from", "group_spectral", "transition",
        "equivariance", "equivariance_form", "equivariance_share", "pose_ramp",
        "identity", "identity_share", "cycle",
    },
    "stargan": CRITICS,
    "dmit": ALL - {"discriminator_steps", "num_accumulations"} | {
        "dim_z", "cycle_weight", "identity_weight", "content_weight",
        "style_weight", "diversity_weight", "kl_weight",
    },
    "sdit": CRITICS | {
        "dim_z", "attention", "latent_weight", "latent_in_discriminator",
    },
}  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_every_field_is_read_or_refused(model):
    fields = {
        field.name
        for section in vars(Config()).values()
        for field in dataclasses.fields(section)
    }
    assert READ[model] | UNREAD[model] == fields
    assert not READ[model] & UNREAD[model]


@pytest.mark.parametrize(
    "model, values, said",
    [
        ("deepi2i", {"network": NetworkConfig(attention=False)}, "attention=F"),
        ("stargan", {"objective": ObjectiveConfig(r1=1.0)}, "r1=1.0"),
        ("sdit", {"training": TrainingConfig(stage="transfer")}, "stage=tran"),
        ("sdit", {"training": TrainingConfig(init_from="x")}, "init_from=x"),
    ],
)
def test_a_flag_that_does_nothing_is_refused(model, values, said):
    network = values.pop("network", NetworkConfig())
    network = dataclasses.replace(network, model=model)
    message = f"flags that --model={model} reads. Received: {said}"
    with pytest.raises(ValueError, match=f"^Expected {message}"):
        Config(network=network, **values)


@pytest.mark.parametrize("model", ["stargan", "sdit"])
def test_the_penalty_is_not_made_in_float16(model):
    network = NetworkConfig(model=model)
    half = TrainingConfig(mixed_precision="mixed_float16")
    with pytest.raises(ValueError, match="float32 or mixed_bfloat16 beside"):
        Config(network=network, training=half)
    bfloat16 = TrainingConfig(mixed_precision="mixed_bfloat16")
    Config(network=network, training=bfloat16)


def test_rates_do_not_fall_for_longer_than_the_run():
    with pytest.raises(ValueError, match="at most the 9 of --steps. Received"):
        Config(
            training=TrainingConfig(steps=9),
            optimizer=OptimizerConfig(decay_steps=10),
        )
