from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.networks import NETWORK_NAMES
from deepi2i_tf.training.preflight import dry_run


def test_published_counts_without_making_a_weight():
    network = NetworkConfig(resolution=128, num_classes=1000)
    assert dry_run.count_parameters(network, NETWORK_NAMES) == {
        "encoder": 86_444_833,
        "adaptor": 85_830_528,
        "generator": 70_433_988,
        "discriminator": 87_982_370,
    }


def test_without_classes_the_counts_are_a_formula():
    text = dry_run.describe(
        Config(network=NetworkConfig(resolution=128, ch=96))
    )
    # 128 per row of G's shared embedding, 16 ch per row of D's.
    assert "70,305,988 + 128 x classes" in text
    assert "86,446,370 + 1,536 x classes" in text
    assert "--resolution=128" in text
    assert "optimizer slots 3.6 GB" in text.splitlines()[-1]
