import pytest
import tensorflow as tf

from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.training.signals import GracefulStop
from deepi2i_tf.training.step_loop import StepLoop
from deepi2i_tf.training.train_step import StepFunction
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import LightModel, light_config

BATCH = {"source": tf.constant(0.0)}


@pytest.fixture
def made(tmp_path):
    def make(size):
        one = tf.distribute.get_strategy()
        placement = DistributionContext(one, False, Coordinator(0, size))
        log = RunLog(tmp_path / "log.txt")
        model = LightModel()
        loop = StepLoop(light_config(tmp_path), model, placement, None, log)
        return loop, StepFunction(model, one)

    return make


def signalled():
    stop = GracefulStop()
    stop.signal_name = "SIGTERM"
    return stop


def test_alone_a_signal_counts_at_once(made):
    loop, function = made(1)
    function(BATCH)
    assert loop._agreed_signal(function, signalled()) == "SIGTERM"
    assert loop._agreed_signal(function, GracefulStop()) == ""


def test_among_others_only_what_all_know_counts(made):
    loop, function = made(2)
    function(BATCH)
    assert loop._agreed_signal(function, signalled()) == ""
    function(BATCH, stopping=True)
    assert loop._agreed_signal(function, signalled()) == "SIGTERM"
    message = loop._agreed_signal(function, GracefulStop())
    assert message == "a signal to another worker"


def test_a_run_at_its_end_is_not_stopped(made):
    loop, _ = made(1)
    loop._stop_for("SIGTERM", 9)
    loop._stop_for("", 3)
    with pytest.raises(
        UserError, match="SIGTERM at step 3 of 9; its checkpoint"
    ):
        loop._stop_for("SIGTERM", 3)
