"""Memory that is available to this process, or of its GPUs."""

import subprocess
from pathlib import Path

_MEMINFO = Path("proc/meminfo")
_STATUS = Path("proc/self/status")
# Folder, limit and use of the control group, version 2 and version 1.
_CGROUPS = (
    ("sys/fs/cgroup", "memory.max", "memory.current"),
    (
        "sys/fs/cgroup/memory",
        "memory.limit_in_bytes",
        "memory.usage_in_bytes",
    ),
)
_ASK_GPU = (
    "nvidia-smi",
    "--query-gpu=memory.total",
    "--format=csv,noheader,nounits",
)


def free_bytes(root: Path = Path("/")) -> int | None:
    """Bytes this process can use: its own and what machine or cgroup has left.

    Of `proc` and `sys` under `root`; None where they do not say, as outside
    Linux.
    """
    available = _row(root / _MEMINFO, "MemAvailable:", unit=1024)
    own = _row(root / _STATUS, "VmRSS:", unit=1024)
    if available is None or own is None:
        return None
    left = [available]
    for folder, *names in _CGROUPS:
        limit, used = (_number(root / folder / name) for name in names)
        if limit is not None and used is not None:
            # Pages of files count as used, and are given back when asked.
            stat = root / folder / "memory.stat"
            used -= _row(stat, "inactive_file") or 0
            left.append(max(limit - used, 0))
    return min(left) + own


def gpu_bytes() -> int | None:
    """Memory of the smallest GPU, in use or not; None without `nvidia-smi`.

    TensorFlow takes nearly all of it at its start, so that what is free says
    nothing any more.
    """
    try:
        message = subprocess.run(
            _ASK_GPU, check=True, capture_output=True, text=True, timeout=10
        ).stdout
        return min(int(line) for line in message.split()) * 2**20
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def _row(path: Path, name: str, unit: int = 1) -> int | None:
    """The number that follows a name in a table of the kernel's, in bytes."""
    try:
        rows = path.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for row in rows:
        words = row.split()
        if words and words[0] == name:
            return int(words[1]) * unit
    return None


def _number(path: Path) -> int | None:
    """The number in a file; None for none, such as the word "max"."""
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
