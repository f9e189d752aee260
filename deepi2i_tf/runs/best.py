"""Which checkpoint is the best of a run so far, by one metric.

The record of the best is part of every checkpoint, `best.json` its copy for
people and commands. So a run that was killed goes on with what its last
checkpoint knew, and repeats, rather than remembers, the evaluations since.
"""

import math
import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deepi2i_tf.config import BEST_METRICS, TrainingConfig
from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.names import flat_numbers
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.layout import BEST_FILE, CHECKPOINTS_FOLDER
from deepi2i_tf.utils.atomic_files import explain_disk_errors, write_json
from deepi2i_tf.utils.errors import UserError

NONE = "none"
FALLBACK = names.RC
IS_BETTER = {
    names.MFID: operator.lt,
    names.MKID_X100: operator.lt,
    names.RC: operator.gt,
}


class BestCheckpoint:
    """Compares every evaluation of a run and remembers the best.

    Only a finite number that is strictly better than the best so far becomes
    the best: of equals the earlier stays.

    Args:
        folder: the run directory.
        requested: `--best_metric`. Where it is the default and the evaluation
            does not give it, `FALLBACK` decides instead.
        log: where sentences go.

    Attributes:
        record: step, metric, value and all metrics of the best evaluation;
            None as long as there is none.
    """

    def __init__(self, folder: Path, requested: str, log: RunLog) -> None:
        self.record: dict[str, Any] | None = None
        self._folder = folder
        self._requested = requested
        self._log = log
        self._metric = ""
        self._written: dict[str, Any] | None = {}  # neither record nor none

    @property
    def step(self) -> int | None:
        """The step of the best evaluation so far."""
        return self.record["step"] if self.record else None

    def restore(self, record: dict[str, Any] | None) -> None:
        """Goes on from what a checkpoint knew; `best.json` follows."""
        stored = [step for step, _ in list_checkpoints(self._checkpoints)]
        if record and record["step"] not in stored:
            self._log.say(
                f"The best checkpoint, of step {record['step']}, is no longer "
                "there: the best is judged anew from here."
            )
            record = None
        self.record = record
        self.write()

    def update(self, step: int, results: Mapping[str, Any]) -> str:
        """Compares an evaluation with the best so far.

        Returns:
            What to say of it, such as `"; best rc so far 0.9, at step 20"`;
            nothing for `--best_metric=none`.

        Raises:
            UserError: the evaluation does not give the metric.
        """
        if self._requested == NONE:
            return ""
        numbers = flat_numbers(results)
        metric = self._metric = self._metric or self._choose(numbers)
        value = numbers.get(metric, math.nan)
        said = ""
        if not math.isfinite(value):
            said = f"; its {metric} is no number and cannot be the best"
        elif not self.record or IS_BETTER[metric](value, self.record["value"]):
            self.record = {
                "step": step,
                "metric": metric,
                "value": value,
                "metrics": {
                    name: number if math.isfinite(number) else None
                    for name, number in numbers.items()
                },
            }
        if not self.record:
            return f"{said}; no best yet"
        best = f"best {metric} so far {self.record['value']:.4g}"
        return f"{said}; {best}, at step {self.step}"

    def write(self) -> None:
        """Brings `best.json` up to date; without a best there is none."""
        if self._written == self.record:
            return
        path = self._folder / BEST_FILE
        with explain_disk_errors(path, "The checkpoints are there."):
            if self.record:
                write_json(path, self.record)
            else:
                path.unlink(missing_ok=True)
        self._written = self.record

    @property
    def _checkpoints(self) -> Path:
        return self._folder / CHECKPOINTS_FOLDER

    def _choose(self, numbers: Mapping[str, float]) -> str:
        """The metric of this run: that of its record, asked for, or given."""
        candidates = [self._requested]
        if self._requested == TrainingConfig().best_metric:
            candidates.append(FALLBACK)
        if self.record and self.record["metric"] in candidates:
            return self.record["metric"]
        given = [name for name in candidates if name in numbers]
        if not given:
            raise self._not_given(numbers)
        metric = given[0]
        if metric != self._requested:
            self._log.say(
                f"The evaluation gives no {self._requested}: the best "
                f"checkpoint is chosen by {metric}."
            )
        if self.record:
            self._log.say(
                f"The best was chosen by {self.record['metric']} so far: it is "
                f"judged anew by {metric} from here."
            )
            self.record = None
        return metric

    def _not_given(self, numbers: Mapping[str, float]) -> UserError:
        given = ", ".join(numbers) or "nothing"
        use = [name for name in BEST_METRICS if name in numbers] + [NONE]
        return UserError(
            "Expected --best_metric to be a number that the evaluation gives. "
            f"Received: best_metric={self._requested} and an evaluation that "
            f"gives {given}. Run the same command with "
            f"--best_metric={' or '.join(use)}."
        )
