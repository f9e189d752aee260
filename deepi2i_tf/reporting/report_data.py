"""Everything a report shows, read from files and nothing else."""

import dataclasses
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting import report_files as files
from deepi2i_tf.reporting.published import PUBLISHED
from deepi2i_tf.utils.errors import UserError

UNTOLD = "features not told"
REPORT_FOLDER = "report"


@dataclasses.dataclass(frozen=True)
class ReportData:
    """An evaluation, and what is known of the run behind it.

    Args:
        name: what the page is called: the run's folder, else the report's.
        metrics: `metrics.json`.
        rows: `per_class.csv`, a dictionary for each class.
        pictures: the arrays of `pictures.npz`.
        log: the curves of the run's `metrics.jsonl`.
        config: the run's `config.json`.
        flagfile: the text of the run's flagfile.
        dataset: name of the data set; empty where nothing tells it.
    """

    name: str
    metrics: Mapping[str, Any]
    rows: list[dict[str, str]]
    pictures: Mapping[str, np.ndarray]
    log: Mapping[str, files.Curve]
    config: Mapping[str, Any]
    flagfile: str
    dataset: str

    @property
    def protocol(self) -> Mapping[str, Any]:
        """How the numbers came about."""
        return self.metrics.get(names.PROTOCOL) or {}

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes by label; empty where no file tells them."""
        message = self.metrics.get(names.PER_CLASS)
        return tuple(message or [row.get("class", "") for row in self.rows])

    @property
    def features(self) -> str:
        """The feature network of mFID and mKID, e.g. `"domain"`."""
        return str(self.metrics.get(names.FEATURES) or UNTOLD)

    def class_name(self, label: int) -> str:
        """Name of a class, or its number where no name is known."""
        known = self.class_names
        return known[label] if 0 <= label < len(known) else f"class {label}"


def read_report(output: str, run_dir: str = "") -> ReportData:
    """Reads a report's folder and the run directory behind it.

    Args:
        output: folder with `metrics.json`, `per_class.csv`, `pictures.npz`.
        run_dir: the run directory; empty for none.

    Raises:
        UserError: `metrics.json` is missing, or a file cannot be read.
    """

    def of_run(read, file: str) -> Any:
        return read(os.path.join(run_dir, file)) if run_dir else None

    metrics = files.read_json(os.path.join(output, files.METRICS_FILE))
    if not metrics:
        raise UserError(
            f"Expected {files.METRICS_FILE} in {output}. Received: a folder "
            "without it. Evaluate first: python -m deepi2i_tf.evaluate."
        )
    config = of_run(files.read_json, files.CONFIG_FILE) or {}
    facts = of_run(files.read_json, files.DATA_FILE) or {}
    return ReportData(
        name=_name(output, run_dir),
        metrics=metrics,
        rows=files.read_rows(os.path.join(output, files.PER_CLASS_FILE)),
        pictures=files.read_pictures(os.path.join(output, files.PICTURES_FILE)),
        log=of_run(files.read_log, files.LOG_FILE) or {},
        config=config,
        flagfile=of_run(files.read_text, files.FLAGS_FILE) or "",
        dataset=_dataset(config, facts, metrics.get(names.PROTOCOL) or {}),
    )


def _name(output: str, run_dir: str) -> str:
    folder, name = os.path.split(os.path.abspath(run_dir or output))
    # A report that lies where evaluate puts it is called after its run.
    return os.path.basename(folder) if name == REPORT_FOLDER else name


def _dataset(
    config: Mapping[str, Any],
    facts: Mapping[str, Any],
    protocol: Mapping[str, Any],
) -> str:
    """The data set by configuration, else by data.json, else by its path.

    A configuration may leave it open ("the only one in data_dir").
    """
    message = (config.get("data") or {}).get("dataset") or facts.get("dataset")
    if message:
        return str(message)
    folders = str(protocol.get("data", "")).split(os.sep)
    return next((name for name in PUBLISHED if name in folders), "")
