import numpy as np
import tensorflow as tf

from deepi2i_tf.training.distributed.broadcast import broadcast_variables
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext


def test_every_replica_takes_the_bits_of_the_first(two_replicas):
    with two_replicas.scope():
        weight = tf.Variable([0.0, 0.0, 0.0])
        step = tf.Variable(
            np.int64(0), aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA
        )
    first, second = two_replicas.experimental_local_results(weight)
    first.assign([-0.0, 0.1, 3e-38])
    second.assign([5.0, 6.0, 7.0])
    step.assign(2**40)
    placement = DistributionContext(two_replicas, False, Coordinator(0, 2))
    broadcast_variables(placement, {"weights": {"w": weight}, "step": step})
    expected = np.float32([-0.0, 0.1, 3e-38]).tobytes()
    assert first.numpy().tobytes() == second.numpy().tobytes() == expected
    assert step.numpy() == 2**40


def test_one_process_shares_nothing(two_replicas):
    with two_replicas.scope():
        weight = tf.Variable(1.0)
    _, second = two_replicas.experimental_local_results(weight)
    second.assign(2.0)
    broadcast_variables(DistributionContext(two_replicas, False), {"w": weight})
    assert second.numpy() == 2.0
