import pytest

from deepi2i_tf.config import BaselineConfig


@pytest.mark.parametrize("name", ["cycle_weight", "latent_weight"])
def test_weights_are_not_negative(name):
    with pytest.raises(ValueError, match=f"--{name} to be at least 0"):
        BaselineConfig(**{name: -1.0})
