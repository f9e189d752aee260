"""What Prometheus reads; no label takes a value from a client."""

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from deepi2i_tf.serving.http.batching import BatchReport

CONTENT_TYPE = prometheus_client.CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """Counters, gauges and histograms of one server, in a registry of its own.

    Attributes:
        requests: by route and status code.
        refused: by reason.
        request_seconds: from the first header to the last byte.
    """

    def __init__(self) -> None:
        prometheus_client.disable_created_metrics()  # a row more for each
        self.registry = CollectorRegistry()
        here = {"namespace": "deepi2i", "registry": self.registry}
        self.requests = Counter(
            "requests", "Requests", ["route", "code"], **here
        )
        self.refused = Counter(
            "refused", "Requests that were refused", ["reason"], **here
        )
        self.request_seconds = Histogram(
            "request_seconds", "Whole requests", buckets=_SECONDS, **here
        )
        self._rows = Counter(
            "rows", "Rows translated, by signature", ["signature"], **here
        )
        self._batch_rows = Histogram(
            "batch_rows", "Rows of a batch", buckets=_ROWS, **here
        )
        self._queue_seconds = Histogram(
            "queue_seconds", "Waited for a batch", buckets=_SECONDS, **here
        )
        self._model_seconds = Histogram(
            "model_seconds", "Batches in the model", buckets=_SECONDS, **here
        )
        self.queue_rows = Gauge("queue_rows", "Rows that wait", **here)
        self.body_bytes = Gauge("body_bytes", "Bytes of bodies held", **here)
        self.model_version = Gauge(
            "model_version",
            "1 for the state that a version is in",
            ["version", "state"],
            **here,
        )
        prometheus_client.ProcessCollector(registry=self.registry)

    def report_batch(self, signature: str, report: BatchReport) -> None:
        """Counts a batch."""
        self._rows.labels(signature).inc(report.rows)
        self._batch_rows.observe(report.rows)
        for seconds in report.queued_seconds:
            self._queue_seconds.observe(seconds)
        self._model_seconds.observe(report.model_seconds)

    def text(self) -> bytes:
        """All of them in the text format."""
        return prometheus_client.generate_latest(self.registry)
