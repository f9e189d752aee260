import time

import pytest
import tensorflow as tf

from deepi2i_tf.training.distributed import coordination
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.utils.errors import UserError

LEADER, FOLLOWER = Coordinator(0, 2), Coordinator(1, 2)


def test_alone_nothing_is_told_or_awaited():
    alone = Coordinator()
    assert alone.leads
    alone.tell("word")
    alone.hear_all("word")
    with alone.together():
        pass
    with pytest.raises(tf.errors.InternalError), alone.together():
        raise tf.errors.InternalError(None, None, "a defect")


def test_a_word_is_heard_and_the_first_counts(store):
    LEADER.tell("word", "one")
    LEADER.tell("word", "two")
    assert FOLLOWER.hear("word") == "one"
    FOLLOWER.tell("agreed")
    LEADER.hear_all("agreed")


def test_all_part_when_the_leader_is_done(store, monkeypatch):
    monkeypatch.setattr(coordination, "_FAREWELL_SECONDS", 60.0)
    FOLLOWER.tell("left")
    begun = time.monotonic()
    LEADER.part()
    assert time.monotonic() - begun < 30.0  # on a busy machine, too
    FOLLOWER.part()


def test_the_leader_does_not_wait_for_ever(store):
    LEADER.part()
    assert "done/0" in store


def test_a_refusal_of_one_is_a_refusal_of_all(store):
    with pytest.raises(UserError, match="^no data$"), FOLLOWER.together():
        raise UserError("no data")
    with pytest.raises(UserError, match="^Worker 1 was refused: no data$"):
        LEADER.hear("agreed", 1)


def lost():
    message = "Graph.\nCollective ops is aborted by: Socket closed\nMore."
    return tf.errors.UnavailableError(None, None, message)


def test_a_lost_worker_is_told_in_one_sentence(store):
    with pytest.raises(UserError) as refusal, LEADER.together():
        raise lost()
    assert "all 2 workers to go on. Received: Socket closed. Start" in str(
        refusal.value
    )


def test_a_worker_that_left_with_a_refusal_is_not_a_lost_one(store):
    store["refused"] = "Worker 1 was refused: no data"
    with pytest.raises(UserError, match="no data"), LEADER.together():
        raise lost()


def test_a_leader_that_went_home_first_is_not_a_lost_one(store, monkeypatch):
    LEADER.tell("done")

    def gone(key, text):
        raise lost()

    monkeypatch.setattr(coordination, "_put", gone)
    with FOLLOWER.together():
        FOLLOWER.part()
    with pytest.raises(tf.errors.UnavailableError):
        FOLLOWER.tell("agreed")
