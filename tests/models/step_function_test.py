import pytest
import tensorflow as tf

from deepi2i_tf.models import step_function
from deepi2i_tf.utils.errors import UserError


class Counting:
    """Losses are sums of the batch; step 3 has an infinite one."""

    def __init__(self):
        self.step = tf.Variable(0, dtype=tf.int64)

    def train_step(self, batch):
        self.step.assign_add(1)
        bad = tf.where(self.step == 3, float("inf"), 0.0)
        total = tf.reduce_sum(batch["x"])
        return {"b_loss": total + bad, "a_loss": 2.0 * total}


def counting_function():
    strategy = tf.distribute.get_strategy()
    return step_function.StepFunction(Counting(), strategy)


def test_a_wish_to_stop_is_known_after_its_step():
    function = counting_function()
    assert not function.anyone_stops()
    function(batch_of(1.0))
    assert not function.anyone_stops()
    function(batch_of(1.0), stopping=True)
    assert function.anyone_stops()
    assert function.logs() == {"a_loss": 2.0, "b_loss": 1.0}


def batch_of(*values):
    return {"x": tf.constant(values, tf.float32)}


def test_logs_are_those_of_the_last_step():
    function = counting_function()
    assert function.logs() == {}
    function(batch_of(1.0))
    function(batch_of(1.0, 2.0))
    assert function.logs() == {"a_loss": 6.0, "b_loss": 3.0}
    function.require_finite()


def test_the_first_bad_step_is_remembered():
    function = counting_function()
    for _ in range(5):
        function(batch_of(1.0))
    with pytest.raises(UserError, match="b_loss is NaN or infinite at step 3"):
        function.require_finite()


def test_replicas_share_every_micro_batch():
    rows = tf.range(8)  # 2 micro-batches of 4 images
    dealt = step_function.by_replica(rows, replicas=2, micro_batches=2)
    assert dealt.numpy().tolist() == [[0, 1, 4, 5], [2, 3, 6, 7]]


def test_several_steps_in_one_call_are_as_many_single_ones():
    batches = [batch_of(value) for value in (1.0, 2.0, 4.0, 8.0)]
    made = tf.data.Dataset.from_tensor_slices(
        {"x": tf.stack([batch["x"] for batch in batches])}
    )
    function = counting_function()
    iterator = iter(made)
    total = function.run(iterator, 2)
    assert dict(zip(function.names, total.numpy(), strict=True)) == {
        "a_loss": 6.0,
        "b_loss": 3.0,
    }
    assert function.logs() == {"a_loss": 4.0, "b_loss": 2.0}
    function.run(iterator, 1)
    with pytest.raises(UserError, match="b_loss is NaN or infinite at step 3"):
        function.require_finite()
