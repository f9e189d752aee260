"""Tests of deepi2i_tf/serving/http/batching.py, under a clock of their own."""

import threading

import numpy as np
import pytest

from deepi2i_tf.serving.http.batching import Job, ModelThread, RowQueue
from deepi2i_tf.serving.http.errors import Reason, Refused


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


class Bad(Exception):
    pass


class Requests:
    """A queue, what was called, and what came out."""

    def __init__(self, max_rows=64, max_batch=4, wait=0.0):
        self.clock = Clock()
        self.queue = RowQueue(max_rows, max_batch, wait, self.clock)
        self.thread = ModelThread(self.queue, self._run, self._note)
        self.calls, self.reports, self.ended = [], [], {}

    def send(self, name, *values, key="a", deadline=np.inf, place=None):
        place = place or self.queue.admit()
        if place.rows < len(values):
            place.resize(len(values))

        def done(outputs, error):
            assert name not in self.ended
            self.ended[name] = error or outputs["out"].tolist()

        job = Job(key, {"in": np.array(values)}, deadline, done)
        place.submit(job)
        return job

    def step(self):
        """Runs the next batch, if one is due."""
        batch = self.queue.take(block=False)
        if batch:
            self.thread.run_batch(batch)
        return bool(batch)

    def _run(self, key, inputs):
        self.calls.append((key, inputs["in"].tolist()))
        self.clock.now += 1.0
        if (inputs["in"] < 0).any():
            raise Bad(f"{inputs['in'].min()}")
        return {"out": inputs["in"] * 10}

    def _note(self, report):
        self.reports.append(report)


def refusal(call, *args):
    with pytest.raises(Refused) as caught:
        call(*args)
    return caught.value


def test_rows_leave_in_order_and_requests_share_batches():
    requests = Requests()
    requests.send("x", 1, 2, 3)
    requests.send("y", 4, 5, 6)
    requests.send("z", 7)
    while requests.step():
        pass
    assert requests.calls == [("a", [1, 2, 3, 4]), ("a", [5, 6, 7])]
    assert requests.ended == {"x": [10, 20, 30], "y": [40, 50, 60], "z": [70]}
    assert requests.queue.occupied == 0
    first, second = requests.reports
    assert (first.rows, first.model_seconds) == (4, 1.0)
    assert second.queued_seconds == (1.0, 1.0)


def test_batches_never_mix_keys_and_none_waits_for_ever():
    requests = Requests()
    requests.send("x", 1, key="a")
    requests.send("y", 2, key="b")
    requests.send("z", 3, key="a")
    while requests.step():
        pass
    assert requests.calls == [("a", [1, 3]), ("b", [2])]


def test_a_bad_row_fails_its_request_alone():
    requests = Requests()
    requests.send("good", 1)
    requests.send("bad", 2, -3)
    requests.send("too", 4)
    requests.step()
    assert requests.ended["good"] == [10] and requests.ended["too"] == [40]
    assert str(requests.ended["bad"]) == "-3"
    # The batch, then each row; a failed request's others are not run.
    assert [rows for _, rows in requests.calls] == [
        [1, 2, -3, 4],
        [1],
        [2],
        [-3],
        [4],
    ]


def test_rows_of_a_failed_request_that_still_wait_leave():
    requests = Requests(max_batch=2)
    requests.send("bad", -1, 2, 3, 4)
    requests.send("good", 5)
    while requests.step():
        pass
    assert requests.calls[-1] == ("a", [5])
    assert requests.ended["good"] == [50]
    assert requests.queue.occupied == 0


def test_a_full_queue_refuses_before_and_after_the_body():
    requests = Requests(max_rows=4)
    place = requests.queue.admit()
    requests.send("x", 1, 2, 3)
    busy = refusal(requests.queue.admit)
    assert (busy.reason, busy.retry_after) == (Reason.BUSY, 1)
    # The body turns out to hold more rows than are free: refused whole.
    assert refusal(place.resize, 2).reason is Reason.BUSY
    assert place.rows == 1
    assert refusal(place.resize, 5).reason is Reason.TOO_LARGE
    place.release()
    place.release()
    assert requests.queue.occupied == 3
    # What runs no longer waits.
    requests.queue.take(block=False)
    assert requests.queue.occupied == 0


def test_retry_after_follows_the_last_batches():
    requests = Requests(max_rows=8)
    requests.send("x", 1)
    requests.step()  # a row, a second
    requests.send("y", *range(8))
    assert refusal(requests.queue.admit).retry_after == 8


def test_a_cancelled_request_leaves_room_and_gaps_nowhere():
    requests = Requests()
    requests.send("x", 1)
    gone = requests.send("gone", 2, 3)
    requests.send("z", 4)
    requests.queue.cancel(gone, Bad("gone"))
    requests.queue.cancel(gone, Bad("twice"))
    assert requests.queue.occupied == 2
    requests.step()
    assert requests.calls == [("a", [1, 4])]
    assert str(requests.ended["gone"]) == "gone"


def test_a_deadline_that_passes_in_the_queue_is_told():
    requests = Requests(max_batch=1)
    requests.send("x", 1, deadline=100.5)
    late = requests.send("late", 2, deadline=100.5)
    requests.step()  # takes a second
    assert requests.ended["x"] == [10]  # late, but it was running
    assert not requests.step()
    assert requests.ended["late"].reason is Reason.TIMEOUT
    requests.queue.expire(late)
    running = requests.send("running", 3)
    requests.queue.take(block=False)
    requests.queue.expire(running)
    assert "running" not in requests.ended


def test_a_batch_that_is_not_full_waits_as_long_as_it_is_told_to():
    requests = Requests(max_batch=2, wait=0.5)
    requests.send("x", 1)
    assert not requests.step()
    requests.clock.now += 0.5
    assert requests.step()
    requests.send("y", 2)
    requests.send("z", 3)
    assert requests.step()
    assert requests.calls == [("a", [1]), ("a", [2, 3])]


def test_a_place_that_is_kept_holds_its_room_for_rows_that_follow():
    requests = Requests(max_rows=4, max_batch=2)
    place = requests.queue.admit(2, keep=True)
    for name in ("p1", "p2"):
        requests.send(name, 1, place=place)
    requests.send("x", 5, 6)
    refusal(requests.queue.admit)
    requests.step()
    # Its two rows are done and its room is still its own.
    assert place.rows == 2 and requests.queue.occupied == 4
    requests.send("p3", 1, place=place)
    while requests.step():
        pass
    place.release()
    assert requests.queue.occupied == 0
    assert requests.ended["x"] == [50, 60] and requests.ended["p3"] == [10]


def test_the_thread_runs_what_waits_before_it_ends():
    requests = Requests(max_batch=2)
    for name in "abcde":
        requests.send(name, ord(name))
    requests.thread.start()
    requests.thread.stop()
    assert len(requests.ended) == 5


def test_many_threads_lose_nothing():
    requests = Requests(max_rows=400, max_batch=8)
    requests.thread.start()

    def send(worker):
        for number in range(50):
            requests.send((worker, number), worker * 100 + number)

    senders = [threading.Thread(target=send, args=(n,)) for n in range(8)]
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    requests.thread.stop()
    assert requests.ended == {
        (w, n): [(w * 100 + n) * 10] for w in range(8) for n in range(50)
    }
    assert requests.queue.occupied == 0
