import pytest

from deepi2i_tf import config
from deepi2i_tf.config import PoseConfig, TrainingConfig


@pytest.mark.parametrize(
    "values, said",
    [
        ({"equivariance": -1.0}, "equivariance=-1.0"),
        ({"equivariance_form": "l2"}, "contrast, l1"),
        ({"equivariance_share": 1.5}, "to be in [0, 1]"),
        ({"identity_share": -0.1}, "identity_share=-0.1"),
        ({"pose_ramp": (500,)}, "500,1000"),
        ({"pose_ramp": (1000, 500)}, "1000,500"),
    ],
)
def test_says_what_is_wrong(values, said):
    with pytest.raises(ValueError, match="Expected .* Received: ") as told:
        PoseConfig(**values)
    assert said in str(told.value)


@pytest.mark.parametrize("flag", ["equivariance", "identity", "cycle"])
def test_pretraining_has_no_sources(flag):
    with pytest.raises(ValueError, match=f"--{flag}=0 in pretraining"):
        config.Config(
            pose=PoseConfig(**{flag: 1.0}),
            training=TrainingConfig(stage="pretrain"),
        )


def test_pairs_need_an_even_batch():
    odd = TrainingConfig(batch_size=5)
    with pytest.raises(ValueError, match=r"batch_size=5\. Use 6\."):
        config.Config(pose=PoseConfig(equivariance=1.0), training=odd)
    config.Config(pose=PoseConfig(identity=1.0), training=odd)
    with pytest.raises(ValueError, match=r"batch_size=5\. Use 8\."):
        config.Config(pose=PoseConfig(cycle=1.0), training=odd)


def test_a_run_from_before_these_flags_is_read():
    old = config.Config().to_dict()
    del old["pose"]
    assert config.Config.from_dict(old) == config.Config()
