"""Rollbacks, and kills around them, in the real loop around three numbers."""

import json
import signal

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import MonitorConfig
from deepi2i_tf.runs.checkpoints import list_checkpoints, read_meta
from deepi2i_tf.training import rollback
from deepi2i_tf.training.rollback import Rollbacks
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import (
    LightModel,
    killed_at,
    light_config,
    run_light,
)
from tests.training.run_outcome import numbers, outcome

HABITS = {
    "steps": 12,
    "checkpoint_every": 2,
    "keep_checkpoints": 1,
    "sample_every": 0,
}


class BadBatches(LightModel):
    """Batch k makes step k + 1; some of them are the end of a training."""

    def __init__(self, *bad, by="evaluation"):
        super().__init__()
        self.bad, self.by = tf.constant(bad, tf.float32), by
        self.last = tf.Variable(-1.0)
        self.averaged = self.last
        self.seen = []
        self.rate_factor = 1.0

    def checkpoint_items(self):
        return super().checkpoint_items() | {"last": self.last}

    def train_step(self, batch):
        logs = super().train_step(batch)
        self.last.assign(batch["source"])
        if self.by == "loss":
            is_bad = tf.reduce_any(self.bad == batch["source"])
            logs["loss"] = tf.where(is_bad, np.float32("nan"), logs["loss"])
        return logs


def train(path, *bad, by="evaluation", every=2, **monitor):
    model = BadBatches(*bad, by=by)

    def evaluate(step, last):
        model.seen.append(int(last))
        is_bad = by == "evaluation" and float(last) in bad
        return {"mfid": 9.0 if is_bad else 2.0}

    values = {"on_collapse": "rollback", "rollback_margin": 2} | monitor
    habits = HABITS | {"checkpoint_every": every}
    config = light_config(path, MonitorConfig(**values), **habits)
    return run_light(config, evaluate, model=model)


def newest(path):
    _, folder = list_checkpoints(path / "checkpoints")[-1]
    return read_meta(folder)[0]


def everything(path):
    """What must not depend on kills: all but the seconds."""
    metas = {
        folder.name: read_meta(folder)[0]
        for _, folder in list_checkpoints(path / "checkpoints")
    }
    for meta in metas.values():
        del meta["seconds"], meta["stepping_seconds"]
    aside = path / "abandoned"
    return outcome(path) | {
        "metas": metas,
        "abandoned": sorted(
            str(file.relative_to(aside)) for file in aside.rglob("*")
        ),
        "rows": [numbers(file) for file in sorted(aside.glob("*/*.jsonl"))],
    }


@pytest.mark.parametrize("by", ["evaluation", "loss"])
def test_it_goes_back_and_on_with_other_batches(by, tmp_path):
    model = train(tmp_path, 6, by=by)
    log = (tmp_path / "log.txt").read_text()
    reason = {
        "evaluation": "mFID rose to 9 from 2",
        "loss": "loss is NaN or infinite",
    }[by]
    assert (
        f"Rollback 1 of 3: at step 7, {reason}; back to the checkpoint of "
        "step 4, on with other images and noise. What came after it is in "
        f"{tmp_path}/abandoned/1.\n"
    ) in log
    # Step 5 once more, with batch 7 in the place of 4.
    first = [0, 1, 2, 3, 4, 5, 6] if by == "evaluation" else [*range(6)]
    assert model.seen == [*first, 7, 8, 9, 10, 11, 12, 13, 14]
    assert model.rate_factor == 1.0
    state = newest(tmp_path)["rollbacks"]
    assert state["skipped"] == 3
    assert state["decisions"] == [
        {"step": 7, "returned_to": 4, "reason": reason}
    ]
    aside = tmp_path / "abandoned/1"
    assert [step for step, _ in list_checkpoints(aside / "checkpoints")] == [6]
    assert (
        {"5", "6"}
        <= {row["step"] for row in numbers(aside / "metrics.jsonl")}
        <= {"5", "6", "7"}
    )
    rows = (tmp_path / "metrics.jsonl").read_text().splitlines()
    steps = [json.loads(row)["step"] for row in rows]
    assert steps == sorted(step for step in range(1, 13) for _ in "ab")


def test_a_rolled_back_run_goes_on_where_it_was_stopped(tmp_path):
    train(tmp_path / "whole", 6)

    def stops(step, last):
        if step == 9:
            signal.raise_signal(signal.SIGTERM)
        return {"mfid": 9.0 if float(last) == 6 else 2.0}

    path = tmp_path / "run"
    values = {"on_collapse": "rollback", "rollback_margin": 2}
    config = light_config(path, MonitorConfig(**values), **HABITS)
    with pytest.raises(UserError, match="SIGTERM at step 9"):
        run_light(config, stops, model=BadBatches(6))
    train(path, 6)
    assert everything(path) == everything(tmp_path / "whole")


# From step 7 to step 4, over one checkpoint or over two.
@pytest.mark.parametrize(
    "by, habits",
    [
        ("evaluation", {}),
        ("loss", {}),
        ("loss", {"every": 1, "rollback_margin": 3}),
    ],
)
def test_killed_at_every_change_around_a_rollback_the_end_is_the_same(
    by, habits, tmp_path
):
    whole = tmp_path / "whole"
    with killed_at(10**6) as changes:
        train(whole, 6, by=by, **habits)
    about = [i for i, change in enumerate(changes, 1) if "abandoned" in change]
    kills = range(about[0] - 4, about[-1] + 8)
    assert len(kills) >= 12
    expected = everything(whole)
    for number in kills:
        path = tmp_path / str(number)
        with killed_at(number) as changes:
            train(path, 6, by=by, **habits)
        assert not (path / "DONE.json").exists()
        train(path, 6, by=by, **habits)
        assert everything(path) == expected, changes[-3:]


def test_a_collapse_soon_after_takes_the_one_before_and_halves_the_rates(
    tmp_path,
):
    # 7 -> 4; step 7 again, of batch 9 -> 2; from there on batch 10.
    model = train(tmp_path, 6, 9)
    assert model.seen == [*range(7), 7, 8, 9, *range(10, 20)]
    assert model.rate_factor == 0.5
    state = newest(tmp_path)["rollbacks"]
    assert [d["returned_to"] for d in state["decisions"]] == [4, 2]
    assert state["skipped"] == 3 + 5
    log = (tmp_path / "log.txt").read_text()
    assert "noise, learning rates times 0.5. What" in log
    assert (tmp_path / "abandoned/2/metrics.jsonl").exists()


def test_later_it_takes_the_newest(tmp_path, monkeypatch):
    monkeypatch.setattr(rollback, "SOON", 0)
    model = train(tmp_path, 6, 9)
    # 7 -> 4, and once more 7 -> 4: on with batch 10.
    assert model.seen == [*range(7), 7, 8, 9, *range(10, 18)]


def test_after_the_last_rollback_it_stops_and_names_the_best(tmp_path):
    with pytest.raises(UserError) as refusal:
        train(tmp_path, 6, 9, max_rollbacks=1)
    message = str(refusal.value)
    assert "at step 7 of 12, mFID rose to 9 from 2, after 1 rollback, " in (
        message.replace("rollbacks", "rollback")
    )
    assert "and the best one, of step 1, is there. Begin" in message
    # It says so again.
    with pytest.raises(UserError, match="at step 7 of 12"):
        train(tmp_path, 6, 9, max_rollbacks=1)


def test_a_run_may_begin_to_go_back_on_its_way(tmp_path):
    with pytest.raises(UserError, match="does not collapse"):
        train(tmp_path, 4, on_collapse="stop")
    # Of the steps 4 and 5; the latter was not due.
    assert "rollbacks" not in newest(tmp_path)
    train(tmp_path, 4, 8)
    state = newest(tmp_path)["rollbacks"]
    assert [d["returned_to"] for d in state["decisions"]] == [6]


def test_without_a_healthy_checkpoint_it_stops(tmp_path):
    with pytest.raises(UserError, match="after no healthy checkpoint"):
        train(tmp_path, 6, rollback_margin=50)
    assert not (tmp_path / "abandoned").exists()


def test_what_is_newer_is_moved_aside_and_takes_the_place_of_what_was(
    tmp_path,
):
    def fill():
        for step in (4, 6, 8):
            folder = tmp_path / "checkpoints" / f"step-{step:08d}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "checkpoint.json").write_text("{}")
            sheet = tmp_path / "samples" / f"step-{step:06d}.png"
            sheet.parent.mkdir(exist_ok=True)
            sheet.write_text(str(step))
        (tmp_path / "samples/real.png").write_text("real")
        rows = "".join(f'{{"step": {step}}}\n' for step in range(9))
        (tmp_path / "metrics.jsonl").write_text(rows)

    for _ in "ab":
        fill()
        aside = rollback.abandon(tmp_path, 4, 1)
        assert sorted(
            str(file.relative_to(aside))
            for file in aside.rglob("*")
            if file.is_file()
        ) == [
            "checkpoints/step-00000006/checkpoint.json",
            "checkpoints/step-00000008/checkpoint.json",
            "metrics.jsonl",
            "samples/step-000006.png",
            "samples/step-000008.png",
        ]
        assert [row["step"] for row in numbers(aside / "metrics.jsonl")] == [
            "5", "6", "7", "8"
        ]  # fmt: skip
        left = {path.name for path in (tmp_path / "samples").iterdir()}
        assert left == {"real.png", "step-000004.png"}
    assert len(list_checkpoints(tmp_path / "checkpoints")) == 1


def test_what_is_vouched_for_is_older_than_the_last_quiet_moment():
    known = Rollbacks(MonitorConfig(rollback_margin=500))
    for step in range(250, 2001, 250):
        known.saved(step, quiet_step=min(step, 1600))
    # Quiet until 1600: 1000 and before. Waiting: what is younger than 500
    # steps, and the newest of the others.
    assert known.kept_steps == [500, 750, 1000, 1500, 1750, 2000]
    assert known.target(2100, quiet_step=1600) == 1000
    known.decide(2100, 1000, "a reason")
    assert (known.skipped, known.rate_factor) == (1100, 1.0)
    assert known.kept_steps == [500, 750, 1000]
    assert known.target(1900, quiet_step=1000) == 750
    assert known.target(2100, quiet_step=1000) == 1000
    state = json.loads(json.dumps(known.state()))
    other = Rollbacks(MonitorConfig(rollback_margin=500))
    other.restore(state)
    assert other.state() == known.state()
