import os

import pytest

from deepi2i_tf.training.preflight import available_memory

KB, MB = 1024, 2**20


@pytest.fixture
def machine(tmp_path):
    """/proc of a machine with 8 MB to give, 3 MB of them used here already."""
    tables = {
        "proc/meminfo": f"MemTotal: {16 * KB} kB\nMemAvailable: {8 * KB} kB\n",
        "proc/self/status": f"VmPeak: {4 * KB} kB\nVmRSS:\t{3 * KB} kB\n",
    }
    write(tmp_path, tables)
    return tmp_path


def write(root, tables):
    for name, text in tables.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_what_is_left_and_what_is_held_already(machine):
    assert available_memory.free_bytes(machine) == 11 * MB


@pytest.mark.parametrize(
    ("folder", "limit", "used"),
    [
        ("sys/fs/cgroup", "memory.max", "memory.current"),
        (
            "sys/fs/cgroup/memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ),
    ],
)
def test_a_container_may_leave_less(machine, folder, limit, used):
    tables = {limit: f"{10 * MB}\n", used: f"{6 * MB}\n"}
    write(machine / folder, tables)
    assert available_memory.free_bytes(machine) == (10 - 6 + 3) * MB
    # Pages of files that were read are given back when asked for.
    write(machine / folder, {"memory.stat": f"anon 7\ninactive_file {MB}\n"})
    assert available_memory.free_bytes(machine) == (10 - 5 + 3) * MB


def test_a_container_without_limit_leaves_the_machine_s(machine):
    tables = {"memory.max": "max\n", "memory.current": f"{6 * MB}\n"}
    write(machine / "sys/fs/cgroup", tables)
    assert available_memory.free_bytes(machine) == 11 * MB


def test_a_system_that_does_not_say(tmp_path):
    assert available_memory.free_bytes(tmp_path) is None


def test_this_machine_has_memory():
    free = available_memory.free_bytes()
    if free is None:
        pytest.skip("no /proc here")
    assert free > 50 * MB


def test_the_smallest_gpu_counts(tmp_path, monkeypatch):
    message = tmp_path / "nvidia-smi"
    message.write_text("#!/bin/sh\necho 81559\necho 40536\n")
    message.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert available_memory.gpu_bytes() == 40536 * MB


def test_no_tool_to_ask_for_gpus(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert available_memory.gpu_bytes() is None
