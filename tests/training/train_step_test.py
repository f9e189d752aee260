import tensorflow as tf

from deepi2i_tf.training import train_step


def test_one_replica_gets_the_batches_as_they_are():
    batches = tf.data.Dataset.range(4).batch(2)
    one = tf.distribute.get_strategy()
    assert train_step.distribute(batches, one, 1) is batches
