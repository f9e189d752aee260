"""What REST, gRPC and the page share: one model, one queue, one way in.

Lives in the event loop's thread. The model is called by one thread, photos
and large bodies are read by another.
"""

import asyncio
import concurrent.futures
import functools
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

from deepi2i_tf.config.commands import ServeOptions
from deepi2i_tf.serving.http import contract, limits
from deepi2i_tf.serving.http.batching import (
    Arrays,
    BatchReport,
    Job,
    ModelThread,
    Place,
    RowQueue,
)
from deepi2i_tf.serving.http.errors import (
    Reason,
    Refused,
    refusal_of,
    shown,
)
from deepi2i_tf.serving.http.metrics import Metrics
from deepi2i_tf.serving.http.versions import ModelVersion, Versions

# Reading more than this would hold up the loop.
_MOST_IN_LOOP = limits.MEGABYTE
_T = TypeVar("_T")


class Service:
    """A model that is served.

    Args:
        options: of the command.
        prepare: warms a version that was loaded.

    Attributes:
        name: of the model, in addresses.
        draining: whether it takes no more requests.
        stopping: whether it will soon take no more.

    Raises:
        UserError: `--model` holds no version.
    """

    def __init__(
        self,
        options: ServeOptions,
        prepare: Callable[[ModelVersion], None] = ModelVersion.warm,
    ) -> None:
        self.options = options
        self.name = options.model_name
        self.metrics = Metrics()
        self.versions = Versions(options.model, prepare, self._tell_state)
        self.queue = RowQueue(
            options.max_queued_rows,
            options.max_batch_size or 1,
            options.batch_wait_ms / 1000.0,
        )
        self.budget = limits.BodyBudget(
            int(options.max_body_memory_mb * limits.MEGABYTE)
        )
        self.max_request = int(options.max_request_mb * limits.MEGABYTE)
        self.max_pixels = options.max_megapixels * 1e6
        self.draining = self.stopping = False
        self._thread = ModelThread(self.queue, _run, self._report)
        self._reader = concurrent.futures.ThreadPoolExecutor(1, "reader")
        self.metrics.queue_rows.set_function(lambda: self.queue.occupied)
        self.metrics.body_bytes.set_function(lambda: self.budget.held)

    async def start(self) -> None:
        """Loads and warms the highest version that loads."""
        self._thread.start()
        await self.versions.refresh()

    def stop(self) -> None:
        """Runs what waits, and ends the threads."""
        self._thread.stop()
        self._reader.shutdown()

    @property
    def ready(self) -> bool:
        """Whether a version is warm, and no end in sight."""
        return self.versions.current is not None and not self.stopping

    def require_model(
        self, name: str, version: int | None = None
    ) -> ModelVersion:
        """The version that a request is for.

        Raises:
            Refused: another name or version, or none is ready.
        """
        if name != self.name:
            raise Refused(
                Reason.NOT_FOUND,
                f"Expected the model {self.name}. Received: {shown(name)}. "
                "Use that, or start the server with another --name.",
            )
        return self.versions.get(version)

    def admit(self, keep: bool = False) -> Place:
        """A place for one row, before the body is read.

        Args:
            keep: see `Place`.

        Raises:
            Refused: the queue is full, or the server is ending.
        """
        if self.draining:
            raise Refused(
                Reason.NOT_READY,
                "Expected a server that goes on. Received: one that is "
                "ending. Try another, or again.",
                retry_after=1,
            )
        return self.queue.admit(1, keep)

    def body(self) -> limits.Body:
        """For reading one body within the bounds."""
        return limits.Body(
            self.budget, self.max_request, self.options.body_seconds
        )

    async def parse(self, body: bytes, version: ModelVersion) -> contract.Call:
        """Reads the JSON of a call and looks at its pictures.

        Raises:
            Refused: see `contract.parse_call`, `limits.check_picture`.
        """

        def read() -> contract.Call:
            call = contract.parse_call(body, version.signatures)
            self.check_pictures(call.inputs)
            return call

        return await self.aside(read, len(body) > _MOST_IN_LOOP)

    def check_pictures(self, inputs: Arrays) -> None:
        """Refuses encoded pictures of too many pixels.

        Raises:
            Refused: see `limits.check_picture`.
        """
        for encoded in inputs.get("image_bytes", ()):
            limits.check_picture(encoded, self.max_pixels)

    async def aside(self, work: Callable[[], _T], aside: bool = True) -> _T:
        """Does work in the reading thread, or here where that is quicker."""
        if not aside:
            return work()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, work)

    async def run(
        self,
        place: Place,
        version: ModelVersion,
        call: contract.Call,
        timeout: float = math.inf,
    ) -> Mapping[str, np.ndarray]:
        """Queues the rows of a call in a place and waits for their outputs.

        Args:
            place: with room for one row or more; asked for the rest.
            version: to be called; leased by the caller.
            call: signature and inputs.
            timeout: seconds that the rows may wait, if less than the
                server's own.

        Raises:
            Refused: no room, too late, or the model's own refusal.
        """
        if place.rows < call.rows:
            place.resize(call.rows)
        timeout = min(timeout, self.options.request_timeout)
        loop = asyncio.get_running_loop()
        future: asyncio.Future = loop.create_future()
        key, deadline = (version, call.signature), self.queue.clock() + timeout
        settle = functools.partial(loop.call_soon_threadsafe, _settle, future)
        job = Job(key, call.inputs, deadline, settle)
        place.submit(job)
        timer = loop.call_later(timeout, self.queue.expire, job)
        try:
            return await future
        except asyncio.CancelledError:
            gone = Refused(Reason.CLIENT_GONE, "The client went.")
            self.queue.cancel(job, gone)
            raise
        finally:
            timer.cancel()

    def _report(self, report: BatchReport) -> None:
        self.metrics.report_batch(report.key[1], report)

    def _tell_state(self, number: int, state: str) -> None:
        for known in ("LOADING", "AVAILABLE", "UNLOADING", "END"):
            gauge = self.metrics.model_version.labels(str(number), known)
            gauge.set(float(known == state))
        if state == "AVAILABLE" and not self.options.max_batch_size:
            self.queue.max_batch = self.versions.current.max_batch


def _run(key: tuple[ModelVersion, str], inputs: Arrays) -> Arrays:
    version, signature = key
    return version.run(signature, inputs)


def _settle(
    future: asyncio.Future, outputs: Any, error: BaseException | None
) -> None:
    if future.done():  # cancelled meanwhile
        return
    if error is None:
        future.set_result(outputs)
    else:
        future.set_exception(refusal_of(error) or error)
