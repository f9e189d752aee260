import time

import pytest
import tensorflow as tf

from deepi2i_tf.training.distributed import coordination
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.utils.errors import UserError

CHIEF, WORKER = Coordinator(0, 2), Coordinator(1, 2)


def test_alone_nothing_is_stored_or_awaited():
    alone = Coordinator()
    assert alone.is_chief
    alone.put("word")
    alone.wait_all("word")
    with alone.share_errors():
        pass
    with pytest.raises(tf.errors.InternalError), alone.share_errors():
        raise tf.errors.InternalError(None, None, "a defect")


def test_a_text_is_got_and_the_first_stays(store):
    CHIEF.put("word", "one")
    CHIEF.put("word", "two")
    assert WORKER.get("word") == "one"
    WORKER.put("agreed")
    CHIEF.wait_all("agreed")


def test_all_shut_down_when_the_chief_is_done(store, monkeypatch):
    monkeypatch.setattr(coordination, "_SHUTDOWN_SECONDS", 60.0)
    WORKER.put("left")
    begun = time.monotonic()
    CHIEF.shutdown()
    assert time.monotonic() - begun < 30.0  # on a busy machine, too
    WORKER.shutdown()


def test_the_chief_does_not_wait_for_ever(store):
    CHIEF.shutdown()
    assert "done/0" in store


def test_an_error_of_one_is_an_error_of_all(store):
    with pytest.raises(UserError, match="^no data$"), WORKER.share_errors():
        raise UserError("no data")
    with pytest.raises(UserError, match="^Worker 1 was refused: no data$"):
        CHIEF.get("agreed", 1)


def lost():
    message = "Graph.\nCollective ops is aborted by: Socket closed\nMore."
    return tf.errors.UnavailableError(None, None, message)


def test_a_lost_worker_is_told_in_one_sentence(store):
    with pytest.raises(UserError) as refusal, CHIEF.share_errors():
        raise lost()
    assert "all 2 workers to go on. Received: Socket closed. Start" in str(
        refusal.value
    )


def test_a_worker_that_left_with_an_error_is_not_a_lost_one(store):
    store["refused"] = "Worker 1 was refused: no data"
    with pytest.raises(UserError, match="no data"), CHIEF.share_errors():
        raise lost()


def test_a_chief_that_ended_first_is_not_a_lost_one(store, monkeypatch):
    CHIEF.put("done")

    def gone(key, text):
        raise lost()

    monkeypatch.setattr(coordination, "_put", gone)
    with WORKER.share_errors():
        WORKER.shutdown()
    with pytest.raises(tf.errors.UnavailableError):
        WORKER.put("agreed")
