"""What pytest does here; nothing in this file needs TensorFlow.

`with_tensorflow` adds fixtures that do. `--check` leaves it out, and every
test that imports TensorFlow: what remains takes seconds.
"""

import os
import pathlib
import shutil
import subprocess

import pytest

from tests.repo import sources

pytest_plugins = ("tests.budget",)
# Else the first of two workers takes all of a GPU's memory.
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
WITH_TENSORFLOW = ("tests.with_tensorflow", "tests.data_prep.preparing")


def pytest_addoption(parser):
    parser.addoption(
        "--check",
        action="store_true",
        help="collect only tests that need no TensorFlow",
    )


def pytest_configure(config):
    # The one that deals tests out to the workers of xdist runs none.
    deals_out = config.getoption("numprocesses", None) and not hasattr(
        config, "workerinput"
    )
    if not (config.getoption("--check") or deals_out):
        for name in WITH_TENSORFLOW:
            config.pluginmanager.import_plugin(name)


def pytest_ignore_collect(
    collection_path: pathlib.Path, config: pytest.Config
) -> bool | None:
    if not config.getoption("--check"):
        return None
    path = collection_path
    if path.is_dir():  # Its conftest would be imported for any file in it.
        path = path / "conftest.py"
    needs = path.suffix == ".py" and path.exists()
    return (needs and sources.needs_tensorflow(path)) or None


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a file system of 1 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = shutil.which("mount") and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)],
        capture_output=True,
    )
    if not mounted or mounted.returncode:
        pytest.skip("a file system of 1 MB cannot be mounted here")
    yield place
    # Lazily: after an error, TensorFlow may hold a file open for a while.
    subprocess.run(["umount", "--lazy", str(place)], check=True)
