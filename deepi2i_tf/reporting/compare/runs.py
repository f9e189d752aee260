"""Finds the reports that are compared, and gives each run a letter."""

import dataclasses
import os
import string
from collections.abc import Sequence

from deepi2i_tf.reporting.report_data import (
    REPORT_FOLDER,
    ReportData,
    read_report,
)
from deepi2i_tf.reporting.report_files import CONFIG_FILE, METRICS_FILE
from deepi2i_tf.utils.errors import UserError

# As many as there are colours of lines to tell apart.
MOST_RUNS = 6


@dataclasses.dataclass(frozen=True)
class ComparedRun:
    """One of the runs of a comparison.

    Args:
        letter: what charts and tables call it: A, B, ...
        report: everything that is known of it.
    """

    letter: str
    report: ReportData

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter}: {self.report.name}"


def read_runs(runs: Sequence[str]) -> list[ComparedRun]:
    """Reads runs that were evaluated.

    Args:
        runs: run directories, or folders of reports; two to six.

    Raises:
        UserError: too few, too many, one twice, or one without a report.
    """
    if not 2 <= len(runs) <= MOST_RUNS:
        raise UserError(
            f"Expected two to {MOST_RUNS} runs to compare. Received: "
            f"{len(runs)} ({', '.join(runs)}). Name them with commas between."
        )
    folders = [os.path.realpath(_report_folder(run)) for run in runs]
    for place, folder in enumerate(folders):
        if folder in folders[:place]:
            raise UserError(
                f"Expected different runs to compare. Received: {runs[place]} "
                "twice. Name each once."
            )
    return [
        ComparedRun(letter, read_report(folder, _run_dir(folder)))
        for letter, folder in zip(string.ascii_uppercase, folders, strict=False)
    ]


def _report_folder(run: str) -> str:
    """Where the `metrics.json` of a run lies."""
    for folder in (run, os.path.join(run, REPORT_FOLDER)):
        if os.path.exists(os.path.join(folder, METRICS_FILE)):
            return folder
    raise UserError(
        f"Expected {run} to be a report or a run with one ({METRICS_FILE}). "
        "Received: a path without it. Evaluate it first: python -m "
        f"deepi2i_tf.evaluate --run_dir={run}."
    )


def _run_dir(folder: str) -> str:
    """The run that a report lies in; empty where it lies elsewhere."""
    parent = os.path.dirname(folder)
    there = os.path.exists(os.path.join(parent, CONFIG_FILE))
    return parent if there else ""
