"""What software and devices a run used, for `versions.json`."""

import platform
import subprocess
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf


def software_versions() -> dict[str, Any]:
    """Versions of everything that a number may depend on."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
        "git_revision": git_revision(),
        "platform": platform.platform(),
        "devices": [
            f"{device.device_type}: {device.name}"
            for device in tf.config.list_physical_devices()
        ],
    }


def git_revision() -> str:
    """The commit of the source tree, with `+changes`; "unknown" without git."""
    folder = Path(__file__).resolve().parent
    try:
        commit = _git(folder, "rev-parse", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--", "..")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return commit + ("+changes" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=10,
    ).stdout.strip()
