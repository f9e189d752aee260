import json
import sys

import numpy as np
from tensorboard.backend.event_processing.plugin_event_accumulator import (
    EventAccumulator,
)

from deepi2i_tf.runs import metrics_log


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


def test_tensorflow_keeps_no_number_that_was_written(tmp_path):
    # A Python number would stay in its cache of tensors for ever.
    value, step = float("0.4321"), int("123456")
    image = np.zeros((4, 6, 3), np.uint8)
    log = metrics_log.MetricsLog(tmp_path, step=0)
    before = [sys.getrefcount(number) for number in (value, step)]
    log.write(step, {"loss": value})
    log.write_image(step, "samples", image)
    log.close()
    assert [sys.getrefcount(number) for number in (value, step)] == before


def test_rows_beyond_the_restored_step_are_cut_off(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text('{"step": 2}\n{"step": 4}\n{"step": 6}\n{"ste')
    log = metrics_log.MetricsLog(tmp_path, step=4)
    log.write(5, {"loss": 1.0})
    log.close()
    assert [row["step"] for row in rows(tmp_path)] == [2, 4, 5]


def write_session(folder, restored, steps):
    log = metrics_log.MetricsLog(folder, restored)
    for step in steps:
        log.write(step, {"loss": float(step), f"only/{step}": 1.0})
        log.write_image(step, "samples", np.zeros((4, 6, 3), np.uint8))
    log.close()


def shown(folder):
    events = EventAccumulator(
        str(folder / "tensorboard"), purge_orphaned_data=True
    ).Reload()
    return {
        tag: [event.step for event in events.Tensors(tag)]
        for tag in events.Tags()["tensors"]
    }


def test_tensorboard_drops_what_lies_beyond_the_restored_step(tmp_path):
    write_session(tmp_path, 0, [0, 2, 4, 6])
    write_session(tmp_path, 4, [8])
    assert shown(tmp_path) == {
        "loss": [0, 2, 4, 8],
        "samples": [0, 2, 4, 8],
        **{f"only/{step}": [step] for step in (0, 2, 4, 8)},
        "only/6": [],
    }
    write_session(tmp_path, 0, [0])
    assert shown(tmp_path)["loss"] == [0]


def test_tensorboard_is_right_though_the_clock_was_set_back(tmp_path):
    for restored, steps in ((0, [2, 4, 6]), (4, [5, 8]), (5, [6])):
        write_session(tmp_path, restored, steps)
        for file in (tmp_path / "tensorboard").iterdir():
            kind, second, rest = file.name.split("tfevents.")[1].partition(".")
            ahead = f"events.out.tfevents.{int(kind) + 9999}{second}{rest}"
            file.rename(file.with_name(ahead))
    assert shown(tmp_path)["loss"] == [2, 4, 5, 6]
