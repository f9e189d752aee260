"""On which devices a step runs: one, every GPU, logical CPUs, or a cluster.

Call `make_distribution` before TensorFlow touches a device: logical CPUs can
only be made, and a cluster only be joined, until then.
"""

import dataclasses
import os

import tensorflow as tf

from deepi2i_tf.config import TrainingConfig
from deepi2i_tf.models.step_function import use_jit as use_jit
from deepi2i_tf.training.distributed.coordination import Coordinator, join
from deepi2i_tf.training.distributed.tf_config import read_cluster
from deepi2i_tf.utils.errors import UserError


@dataclasses.dataclass(frozen=True)
class DistributionContext:
    """Where the steps of a run happen, and how.

    Args:
        strategy: the distribution strategy.
        jit_compile: steps are compiled with XLA.
        coordinator: what the workers of the run share.
    """

    strategy: tf.distribute.Strategy
    jit_compile: bool
    coordinator: Coordinator = Coordinator()

    @property
    def num_replicas(self) -> int:
        """Replicas in synchrony."""
        return self.strategy.num_replicas_in_sync


def make_distribution(training: TrainingConfig) -> DistributionContext:
    """Chooses strategy and compilation, and joins the cluster of TF_CONFIG.

    Args:
        training: `num_replicas`, `batch_size` and `jit_compile` are read.

    Raises:
        UserError: TF_CONFIG is malformed, or one of these does not fit the
            devices.
    """
    cluster = read_cluster(os.environ)
    if cluster is None:
        strategy = make_strategy(training.num_replicas)
        coordinator = Coordinator()
    else:
        strategy = join(cluster)
        coordinator = Coordinator(cluster.index, cluster.size)
    replicas = strategy.num_replicas_in_sync
    with coordinator.share_errors():
        if cluster is not None:
            require_all_replicas(training.num_replicas, replicas)
        require_divisible(training.batch_size, replicas)
        jit = use_jit(training.jit_compile, strategy)
    return DistributionContext(strategy, jit, coordinator)


def make_strategy(num_replicas: int = 0) -> tf.distribute.Strategy:
    """TensorFlow's default strategy for one replica, else a mirrored one.

    Args:
        num_replicas: replicas of `MirroredStrategy`. 0 takes every GPU, or
            one CPU where there is none. On CPUs k > 1 makes k logical ones
            (a way to test; it is not faster).

    Raises:
        UserError: more replicas are asked for than there are GPUs.
    """
    gpus = tf.config.list_physical_devices("GPU")
    kind, found = ("GPU", len(gpus)) if gpus else ("CPU", 1)
    wanted = num_replicas or found
    if kind == "CPU" and wanted > 1:
        found = _make_logical_cpus(wanted)
    if wanted > found:
        raise UserError(
            f"Expected --num_replicas to be at most {found}, the number of "
            f"{kind}s. Received: num_replicas={wanted}. Use {found}, or 0 "
            "for all."
        )
    if wanted == 1:
        return tf.distribute.get_strategy()
    return tf.distribute.MirroredStrategy(
        [f"{kind}:{index}" for index in range(wanted)]
    )


def _make_logical_cpus(count: int) -> int:
    """Makes `count` logical CPUs where still possible; says how many are."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    try:
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * count
        )
    except RuntimeError:  # TensorFlow runs already; what is there must do
        return len(tf.config.list_logical_devices("CPU"))
    return count


def require_all_replicas(num_replicas: int, found: int) -> None:
    """Refuses a --num_replicas that is neither 0 nor all of the cluster's."""
    if num_replicas not in (0, found):
        raise UserError(
            f"Expected --num_replicas to be 0 or {found}, all replicas of the "
            f"cluster in TF_CONFIG. Received: num_replicas={num_replicas}. "
            "Use 0; CUDA_VISIBLE_DEVICES chooses the GPUs of a worker."
        )


def require_divisible(batch_size: int, num_replicas: int) -> None:
    """Refuses a batch that the replicas cannot share evenly."""
    if batch_size % num_replicas == 0:
        return
    above = (batch_size // num_replicas + 1) * num_replicas
    below = above - num_replicas
    use = f"{below} or {above}" if below else f"{above}"
    raise UserError(
        "Expected --batch_size to be a multiple of the number of replicas. "
        f"Received: batch_size={batch_size}, replicas={num_replicas}. "
        f"Use {use}."
    )
