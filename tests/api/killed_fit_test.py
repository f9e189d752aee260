"""A `fit` whose process is killed goes on when its script runs again."""

import time

import pytest

from tests import processes
from tests.api import fit_process

SCRIPT = fit_process.__file__


@pytest.mark.slow
def test_a_killed_fit_ends_with_the_same_weights(data_dir, tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    processes.succeed(SCRIPT, data_dir, whole)
    running = processes.start(SCRIPT, data_dir, killed)
    while not list((killed / "kept").glob("step-*")):
        assert running.poll() is None, running.said()
        time.sleep(0.02)
    running.kill()
    assert not (killed / "sha256").exists()
    said = processes.succeed(SCRIPT, data_dir, killed)
    assert "Going on from the checkpoint of step" in said
    expected = (whole / "sha256").read_text()
    assert (killed / "sha256").read_text() == expected
