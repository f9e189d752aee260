"""Names of everything in a run directory, each written down once.

    runs/00007-animals-20261121/
        config.json data.json versions.json flags.cfg    what the run is
        DONE.json                                        it has finished
        best.json                                        its best checkpoint
        metrics.jsonl log.txt tensorboard/               what it told
        checkpoints/step-00000500/checkpoint.json ckpt.* everything that moves
        samples/real.png step-000500.png                 sheets of images
        abandoned/1/metrics.jsonl checkpoints/ samples/  before a rollback
        report/metrics.json report.html plots/ ...       its evaluation
    runs/judge/                                          reference models

Commands that only read a run need these names and nothing of TensorFlow: this
file imports the standard library alone.
"""

import re

CONFIG_FILE = "config.json"
DATA_FILE = "data.json"
VERSIONS_FILE = "versions.json"
FLAGS_FILE = "flags.cfg"
DONE_FILE = "DONE.json"
BEST_FILE = "best.json"
LOCK_FILE = ".lock"
LOG_FILE = "log.txt"
# Only a converted checkpoint's directory has it.
CONVERSION_FILE = "conversion.json"

# Rows of numbers, and the names in them that are not losses.
METRICS_LOG = "metrics.jsonl"
STEP = "step"
SPEED = "speed/"
STEPS_PER_SECOND = f"{SPEED}steps_per_second"
IMAGES_PER_SECOND = f"{SPEED}images_per_second"
LEARNING_RATE = "learning_rate/"
SIGMA = "sigma/"
EVALUATION = "evaluation/"
MEASURED = "measured/"  # of several reports; in no log
MONITOR = "monitor/"
STATE = f"{MONITOR}state"  # an index of these
STATE_NAMES = ("healthy", "watch", "warning", "collapse")
TENSORBOARD_FOLDER = "tensorboard"
SAMPLES_TAG = "samples"

CHECKPOINTS_FOLDER = "checkpoints"
# In a checkpoint's folder.
CHECKPOINT_FILE = "checkpoint.json"
CHECKPOINT_PREFIX = "ckpt"
DAMAGED = "damaged-"
ROLLBACKS = "rollbacks"  # in `CHECKPOINT_FILE`
_CHECKPOINT = re.compile(r"^step-(\d{8,})$")

SAMPLES_FOLDER = "samples"
REAL_SHEET = "real.png"
_SHEET = re.compile(r"^step-(\d{6,})\.png$")

# A folder for each rollback, numbered from 1.
ABANDONED_FOLDER = "abandoned"

REPORT_FOLDER = "report"
# In a report's folder.
METRICS_FILE = "metrics.json"
PER_CLASS_FILE = "per_class.csv"
PICTURES_FILE = "pictures.npz"
TRANSLATIONS_FILE = "translations.png"
REPORT_FILE = "report.html"
PLOTS_FOLDER = "plots"
EVALUATION_WORK_FOLDER = ".work"

# Beside the runs, which share it.
REFERENCE_FOLDER = "judge"
COMPARISON_FOLDER = "comparison"
COMPARISON_FILE = "comparison.html"


def checkpoint_name(step: int) -> str:
    """Name of a checkpoint's folder."""
    return f"step-{step:08d}"


def checkpoint_step(name: str) -> int | None:
    """The step that a checkpoint's folder is named after; None for others."""
    match = _CHECKPOINT.match(name)
    return int(match[1]) if match else None


def sheet_name(step: int) -> str:
    """File name of a sheet of samples."""
    return f"step-{step:06d}.png"


def sheet_step(name: str) -> int | None:
    """The step that a sheet of samples is named after; None for others."""
    match = _SHEET.match(name)
    return int(match[1]) if match else None
