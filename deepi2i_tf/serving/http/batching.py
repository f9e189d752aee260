"""The bounded queue of rows, and the one thread that calls the model.

A request takes a place before its body is read, fills it with its rows, and
gets their outputs. Rows leave in the order in which they came, in batches of
one key (version and signature); a batch that fails is run again row by row, so
that a bad row fails its own request alone. Places that are held and rows that
wait count against one bound; rows in the running batch do not.

Knows neither HTTP nor TensorFlow: outputs come from a function, time from a
clock.
"""

import collections
import dataclasses
import math
import threading
import time
from collections.abc import Callable, Hashable, Mapping

import numpy as np

from deepi2i_tf.serving.http.errors import Reason, Refused

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Hashable, Arrays], Arrays]
_RECENT_BATCHES = 20


@dataclasses.dataclass(frozen=True)
class BatchReport:
    """What is measured of a batch.

    Args:
        key: as its jobs gave it.
        rows: how many.
        queued_seconds: that each of its jobs has waited.
        model_seconds: that the call took, with calls row by row.
    """

    key: Hashable
    rows: int
    queued_seconds: tuple[float, ...]
    model_seconds: float


class Job:
    """Rows of one request on their way through the queue.

    Args:
        key: rows of different keys never share a batch.
        inputs: arrays of the same length, by name.
        deadline: by the queue's clock; rows that wait longer are refused.
        done: called once, from any thread, with outputs or an error.
    """

    def __init__(
        self,
        key: Hashable,
        inputs: Arrays,
        deadline: float = math.inf,
        done: Callable[[Arrays | None, BaseException | None], None] = (
            lambda outputs, error: None
        ),
    ) -> None:
        self.key, self.inputs, self.deadline = key, inputs, deadline
        self.rows = len(next(iter(inputs.values())))
        self.queued_at = 0.0
        self.place: Place | None = None
        self.taken = 0  # rows that have left the queue
        self.finished = False
        self._outputs: list[Arrays] = []
        self._done = done

    def slice(self, start: int, stop: int) -> Arrays:
        """Some of the rows."""
        if start == 0 and stop == self.rows:
            return self.inputs
        return {name: each[start:stop] for name, each in self.inputs.items()}

    def add(self, outputs: Arrays) -> None:
        """Takes outputs of the next rows; with the last ones it is done."""
        self._outputs.append(outputs)
        count = sum(len(next(iter(o.values()))) for o in self._outputs)
        if count == self.rows:
            self.finish(_joined(self._outputs), None)

    def fail(self, error: BaseException) -> None:
        """Ends with an error."""
        self.finish(None, error)

    def finish(
        self, outputs: Arrays | None, error: BaseException | None
    ) -> None:
        """Ends, unless it has ended before."""
        if not self.finished:
            self.finished = True
            self._done(outputs, error)


class Place:
    """Room for rows in the queue; `RowQueue.admit` makes it.

    Args:
        queue: that it belongs to.
        keep: whether the room of rows that leave the queue comes back to the
            place, for rows that follow, not to the queue.

    Attributes:
        rows: that there is room for.
    """

    def __init__(self, queue: "RowQueue", keep: bool = False) -> None:
        self._queue, self.keep = queue, keep
        self.rows = 0

    def resize(self, rows: int) -> None:
        """Asks for room for as many rows, or gives some back.

        Raises:
            Refused: too many now, or ever; the place stays as it was.
        """
        self._queue.change(self, rows)

    def submit(self, job: Job) -> None:
        """Hands over a job; its rows take this place's room with them."""
        self._queue.put(self, job)

    def release(self) -> None:
        """Gives back what no job has taken."""
        self.keep = False
        self._queue.change(self, 0)


class RowQueue:
    """The rows that wait, from all threads.

    Args:
        max_rows: places and waiting rows together.
        max_batch: rows of a batch.
        wait_seconds: that a batch which is not full waits for more.
        clock: seconds.
    """

    def __init__(
        self,
        max_rows: int,
        max_batch: int,
        wait_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.max_rows, self.max_batch = max_rows, max_batch
        self.wait_seconds, self.clock = wait_seconds, clock
        self._jobs: collections.deque[Job] = collections.deque()
        self._held = 0  # rows of places that no job has taken
        self._waiting = 0
        self._closed = False
        self._recent: collections.deque[tuple[int, float]] = collections.deque(
            maxlen=_RECENT_BATCHES
        )
        self._changed = threading.Condition()

    @property
    def occupied(self) -> int:
        """Rows of places and rows that wait."""
        return self._held + self._waiting

    def admit(self, rows: int = 1, keep: bool = False) -> Place:
        """A place for some rows; see `Place`.

        Raises:
            Refused: the queue is full.
        """
        place = Place(self, keep)
        self.change(place, rows)
        return place

    def change(self, place: Place, rows: int) -> None:
        """Makes a place larger or smaller; see `Place.resize`."""
        with self._changed:
            more = rows - place.rows
            if rows > self.max_rows:
                raise Refused(
                    Reason.TOO_LARGE,
                    f"Expected at most {self.max_rows} rows in a request. "
                    f"Received: {rows}. Send them in several.",
                )
            if more > 0 and self.occupied + more > self.max_rows:
                raise Refused(
                    Reason.BUSY,
                    f"Expected room for {more} more rows in the queue. "
                    f"Received: {self.occupied} of {self.max_rows} taken. "
                    "Try again.",
                    retry_after=self._retry_after(),
                )
            self._held += more
            place.rows = rows

    def put(self, place: Place, job: Job) -> None:
        """Queues a job in the room of a place; see `Place.submit`."""
        with self._changed:
            if job.rows > place.rows:
                raise ValueError(
                    f"Expected room for {job.rows} rows. Received: a place "
                    f"of {place.rows}. Resize it."
                )
            place.rows -= job.rows
            self._held -= job.rows
            self._waiting += job.rows
            job.place, job.queued_at = place, self.clock()
            self._jobs.append(job)
            self._changed.notify()

    def cancel(self, job: Job, error: BaseException) -> None:
        """Ends a job with an error; rows that still wait leave the queue."""
        with self._changed:
            self._remove(job)
        job.fail(error)

    def expire(self, job: Job) -> None:
        """Ends a job whose deadline has passed, if any of its rows wait."""
        with self._changed:
            waits = self._remove(job)
        if waits:
            job.fail(_too_late())

    def take(self, block: bool = True) -> list[tuple[Job, int, int]]:
        """The next batch: jobs, each with its first row and the one after.

        Returns:
            Jobs of one key; empty where nothing waits, or after `close`.
        """
        with self._changed:
            while True:
                self._drop_late()
                if self._jobs and self._is_due():
                    return self._next_batch()
                if not block or (self._closed and not self._jobs):
                    return []
                self._changed.wait(self._patience())

    def note(self, rows: int, seconds: float) -> None:
        """Remembers how long a batch took, for `Retry-After`."""
        with self._changed:
            self._recent.append((rows, seconds))

    def close(self) -> None:
        """Ends `take` once nothing waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _is_due(self) -> bool:
        if self._waiting >= self.max_batch or self._closed:
            return True
        return self.clock() - self._jobs[0].queued_at >= self.wait_seconds

    def _patience(self) -> float | None:
        """Seconds until something is due; None for as long as it takes."""
        if not self._jobs:
            return None
        waited = self.clock() - self._jobs[0].queued_at
        return max(0.0, self.wait_seconds - waited)

    def _next_batch(self) -> list[tuple[Job, int, int]]:
        key, room, batch = self._jobs[0].key, self.max_batch, []
        for job in list(self._jobs):
            if job.key != key:
                continue
            start = job.taken
            job.taken = min(job.rows, start + room)
            room -= job.taken - start
            batch.append((job, start, job.taken))
            if job.taken == job.rows:
                self._jobs.remove(job)
            if not room:
                break
        for job, start, stop in batch:
            self._leave(job, stop - start)
        return batch

    def _leave(self, job: Job, rows: int) -> None:
        self._waiting -= rows
        if job.place.keep:
            self._held += rows
            job.place.rows += rows

    def _drop_late(self) -> None:
        now = self.clock()
        for job in [job for job in self._jobs if job.deadline <= now]:
            self._remove(job)
            job.fail(_too_late())

    def _remove(self, job: Job) -> bool:
        if job not in self._jobs:
            return False
        self._jobs.remove(job)
        self._leave(job, job.rows - job.taken)
        return True

    def _retry_after(self) -> int:
        rows = sum(rows for rows, _ in self._recent)
        seconds = sum(seconds for _, seconds in self._recent)
        per_row = seconds / rows if rows else 0.0
        return max(1, math.ceil(per_row * self.occupied))


class ModelThread:
    """The thread that takes batches and calls the model.

    Args:
        queue: where rows come from.
        run: key and inputs of some rows -> outputs, in the same order.
        report: called after each batch.
    """

    def __init__(
        self,
        queue: RowQueue,
        run: Run,
        report: Callable[[BatchReport], None] = lambda report: None,
    ) -> None:
        self._queue, self._run, self._report = queue, run, report
        self._thread = threading.Thread(
            target=self._loop, name="model", daemon=True
        )

    def start(self) -> None:
        """Begins to take batches."""
        self._thread.start()

    def stop(self) -> None:
        """Runs what waits, and ends."""
        self._queue.close()
        if self._thread.ident is not None:
            self._thread.join()

    def _loop(self) -> None:
        while batch := self._queue.take():
            self.run_batch(batch)
            del batch  # what it holds is not to wait for the next

    def run_batch(self, batch: list[tuple[Job, int, int]]) -> None:
        """Runs one batch; if it fails, row by row."""
        clock = self._queue.clock
        begin = clock()
        queued = tuple(begin - job.queued_at for job, _, _ in batch)
        key, rows = batch[0][0].key, sum(stop - at for _, at, stop in batch)
        try:
            joined = _joined([job.slice(at, stop) for job, at, stop in batch])
            outputs = self._run(key, joined)
        except Exception as error:
            self._row_by_row(batch, rows, error)
        else:
            first = 0
            for job, at, stop in batch:
                last = first + stop - at
                job.add({k: v[first:last] for k, v in outputs.items()})
                first = last
        seconds = clock() - begin
        self._queue.note(rows, seconds)
        self._report(BatchReport(key, rows, queued, seconds))

    def _row_by_row(
        self,
        batch: list[tuple[Job, int, int]],
        rows: int,
        error: Exception,
    ) -> None:
        if rows == 1:
            self._fail(batch[0][0], error)
            return
        for job, start, stop in batch:
            for row in range(start, stop):
                if job.finished:
                    break
                try:
                    job.add(self._run(job.key, job.slice(row, row + 1)))
                except Exception as own:
                    self._fail(job, own)

    def _fail(self, job: Job, error: Exception) -> None:
        # Rows that still wait would be translated for nobody.
        self._queue.cancel(job, error)


def _too_late() -> Refused:
    return Refused(
        Reason.TIMEOUT,
        "Expected the rows to be translated before the deadline. Received: "
        "it passed while they waited. Try again, or allow more time.",
    )


def _joined(parts: list[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    return {
        name: np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
