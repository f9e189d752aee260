"""How batches come to the compiled step of `models/step_function.py`."""

import tensorflow as tf

from deepi2i_tf.models.step_function import NonFiniteError as NonFiniteError
from deepi2i_tf.models.step_function import StepFunction as StepFunction
from deepi2i_tf.models.step_function import by_replica

# Without it, workers would ask each other for every batch whether there is one.
_ENDLESS = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)


def distribute(
    batches: tf.data.Dataset,
    strategy: tf.distribute.Strategy,
    num_micro_batches: int,
) -> object:
    """Deals every batch out to the replicas, micro-batch by micro-batch.

    Micro-batch m of all replicas together is rows m b .. (m + 1) b of the
    pipeline's batch, b = `--batch_size`, however many replicas share it:
    1 x 4 and 2 x 2 see the same images in the same micro-batch.

    Args:
        batches: endless global batches, the same on every worker: dicts of
            tensors with equal first dimension `num_micro_batches * replicas *
            rows`.
        strategy: the strategy.
        num_micro_batches: forward passes that a step makes of one batch.
    """
    replicas = strategy.num_replicas_in_sync
    if replicas == 1:
        return batches

    def of_worker(context: tf.distribute.InputContext) -> tf.data.Dataset:
        local = replicas // context.num_input_pipelines
        first = context.input_pipeline_id * local

        def deal(batch: dict[str, tf.Tensor]) -> tf.data.Dataset:
            dealt = {}
            for name, rows in batch.items():
                parts = by_replica(rows, replicas, num_micro_batches)
                dealt[name] = parts[first : first + local]
            return tf.data.Dataset.from_tensor_slices(dealt)

        return batches.flat_map(deal).apply(_ENDLESS)

    return strategy.distribute_datasets_from_function(of_worker)
