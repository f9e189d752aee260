from deepi2i_tf.config import Config, NetworkConfig, TrainingConfig
from deepi2i_tf.networks import NETWORK_NAMES
from deepi2i_tf.training.preflight import summary


def test_parameter_table_has_a_total():
    table = summary.parameter_table({"encoder": 1000, "generator": 234})
    assert table.splitlines()[-1].split() == ["total", "1,234"]


def test_arithmetic_of_a_step():
    training = TrainingConfig(batch_size=4, num_accumulations=8, steps=98_000)
    text = summary.arithmetic_text(training, 2, 28_255)
    assert "32 images = 8 micro-batches x 4; 2 replica(s) x 2;" in text
    assert "28,255 images = 883.0 steps" in text


def test_configuration_is_told_as_flags():
    text = summary.configuration_text(Config())
    assert "  --injection_weights=1.0,1.0,1.0,0.1" in text.splitlines()


def test_memory_of_this_machine(monkeypatch):
    counts = {"generator": 250_000_000, "discriminator": 0}
    config = Config(training=TrainingConfig(stage="pretrain"))
    monkeypatch.setattr(summary, "free_bytes", lambda: 2_000_000_000)
    monkeypatch.setattr(summary.tf.config, "list_physical_devices", no_gpu)
    text = summary.memory_here(config, counts, num_replicas=0)
    assert "slots 3.0 GB; gradients 1.0 GB" in text
    # Weights are most of it: a micro-batch costs more than its images save.
    assert text.endswith(
        "free are 2.0 GB. It may not fit: a lower --ch or --resolution would "
        "need less."
    )


def no_gpu(kind):
    return []


def test_published_counts_without_making_a_weight():
    network = NetworkConfig(resolution=128, num_classes=1000)
    assert summary.count_parameters(network, NETWORK_NAMES) == {
        "encoder": 86_444_833,
        "adaptor": 85_830_528,
        "generator": 70_433_988,
        "discriminator": 87_982_370,
    }


def test_without_classes_the_counts_are_a_formula():
    text = summary.describe(
        Config(network=NetworkConfig(resolution=128, ch=96))
    )
    # 128 per row of G's shared embedding, 16 ch per row of D's.
    assert "70,305,988 + 128 x classes" in text
    assert "86,446,370 + 1,536 x classes" in text
    assert "--resolution=128" in text
    assert "optimizer slots 3.6 GB" in text.splitlines()[-1]
