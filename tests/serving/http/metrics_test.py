"""Tests of deepi2i_tf/serving/http/metrics.py."""

from deepi2i_tf.serving.http.batching import BatchReport
from deepi2i_tf.serving.http.metrics import Metrics


def test_batches_are_counted():
    metrics = Metrics()
    metrics.report_batch("translate", BatchReport("k", 3, (0.25, 0.5), 0.125))
    text = metrics.text().decode()
    for line in (
        'deepi2i_rows_total{signature="translate"} 3.0',
        'deepi2i_batch_rows_bucket{le="2.0"} 0.0',
        'deepi2i_batch_rows_bucket{le="4.0"} 1.0',
        "deepi2i_queue_seconds_count 2.0",
        "deepi2i_queue_seconds_sum 0.75",
        "deepi2i_model_seconds_sum 0.125",
    ):
        assert f"{line}\n" in text
    assert "_created" not in text


def test_two_servers_count_apart():
    first, second = Metrics(), Metrics()
    first.requests.labels("predict", "200").inc()
    assert "predict" not in second.text().decode()
