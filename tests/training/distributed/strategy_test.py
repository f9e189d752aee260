import pytest
import tensorflow as tf

from deepi2i_tf.config import TrainingConfig
from deepi2i_tf.training.distributed import strategy
from deepi2i_tf.utils.errors import UserError
from tests import processes


def test_one_cpu_takes_the_default_strategy():
    assert strategy.make_strategy(0) is tf.distribute.get_strategy()
    assert strategy.make_strategy(1).num_replicas_in_sync == 1


def test_two_logical_cpus_in_a_fresh_process():
    assert processes.succeed(__name__).strip() == "2"


@pytest.mark.parametrize(
    ("batch_size", "replicas", "use"),
    [(10, 4, "Use 8 or 12."), (3, 2, "Use 2 or 4."), (1, 2, "Use 2.")],
)
def test_a_batch_that_replicas_do_not_divide(batch_size, replicas, use):
    with pytest.raises(UserError) as refusal:
        strategy.require_divisible(batch_size, replicas)
    assert f"batch_size={batch_size}, replicas={replicas}" in str(refusal.value)
    assert str(refusal.value).endswith(use)


def test_a_batch_that_replicas_divide():
    strategy.require_divisible(8, 4)


def test_a_cluster_takes_all_its_replicas():
    strategy.require_all_replicas(0, 4)
    strategy.require_all_replicas(4, 4)
    with pytest.raises(UserError, match="0 or 4, .*num_replicas=2"):
        strategy.require_all_replicas(2, 4)


def test_jit_is_off_on_cpus_unless_asked_for():
    one = tf.distribute.get_strategy()
    assert not strategy.use_jit("auto", one)
    assert not strategy.use_jit("off", one)
    assert strategy.use_jit("on", one)


def test_distribution_over_one_cpu():
    distribution = strategy.make_distribution(TrainingConfig(num_replicas=1))
    assert (distribution.num_replicas, distribution.jit_compile) == (1, False)


if __name__ == "__main__":
    print(strategy.make_strategy(2).num_replicas_in_sync)
