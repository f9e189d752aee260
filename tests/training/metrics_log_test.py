import json

import numpy as np
from tensorboard.backend.event_processing.event_accumulator import (
    EventAccumulator,
)

from deepi2i_tf.training import metrics_log


def rows(path):
    text = (path / "metrics.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def test_rows_and_tensorboard_hold_the_same_numbers(tmp_path):
    log = metrics_log.MetricsLog(tmp_path, step=0)
    log.write(5, {"loss": 0.5, "sigma/a": 2.0})
    log.write_image(5, "samples", np.zeros((4, 6, 3), np.uint8))
    log.close()
    assert rows(tmp_path) == [{"step": 5, "loss": 0.5, "sigma/a": 2.0}]
    events = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert set(events.Tags()["tensors"]) == {"loss", "sigma/a", "samples"}
    assert events.Tensors("loss")[0].step == 5


def test_rows_beyond_the_restored_step_are_cut_off(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 2}\n{"step": 4}\n{"step": 6}\n{"ste')
    log = metrics_log.MetricsLog(tmp_path, step=4)
    log.write(5, {"loss": 1.0})
    log.close()
    assert [row["step"] for row in rows(tmp_path)] == [2, 4, 5]


def test_flat_numbers():
    nested = {"rc": 0.5, "pose_r2": {"x": 1}, "features": "judge", "ok": True}
    assert metrics_log.flat_numbers(nested, "evaluation/") == {
        "evaluation/rc": 0.5,
        "evaluation/pose_r2/x": 1.0,
    }
