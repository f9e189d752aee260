"""The experiments of docs/: their tables, their sizes and their sheets."""

import importlib

import numpy as np
import pytest

from deepi2i_tf.config import Config
from tests.repo.sources import ROOT


@pytest.fixture
def docs(monkeypatch):
    """Imports an experiment as its command does, from its own folder."""
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    return importlib.import_module


def test_table_has_mean_and_deviation_and_empty_cells(docs):
    """One seed stands alone; a set without poses leaves its cells empty."""
    experiment = docs("experiment")
    columns = {"RC": ("rc",), "R^2 x": ("pose_r2", "x")}
    results = {
        "one": [{"rc": 0.5, "pose_r2": {"x": 0.25}}],
        "three": [{"rc": 0.1}, {"rc": 0.2}, {"rc": 0.3}],
        "no scores": [{"rc": 0.5, "pose_r2": None}],
    }
    assert experiment.table(results, columns).splitlines() == [
        "| | seeds | RC | R^2 x |",
        "| --- | --- | --- | --- |",
        "| one | 1 | 0.5 | 0.25 |",
        "| three | 3 | 0.2 ± 0.1 |  |",
        "| no scores | 1 | 0.5 |  |",
    ]


def test_rivals_see_equally_many_images(docs):
    """Steps times batches of a step are the same for all of them."""
    comparison = docs("comparison_experiment")
    for rival in comparison.RIVALS.values():
        flags = dict(
            flag.lstrip("-").split("=") for flag in rival.length(16000)
        )
        steps = int(flags["steps"])
        assert steps * comparison.BATCH * rival.rounds == 16000
        if rival.decays:
            assert int(flags["decay_steps"]) == steps // 2


def test_flags_of_rivals_are_read_by_their_models(docs, tmp_path):
    """No model of the comparison is given a flag that it would refuse."""
    comparison = docs("comparison_experiment")
    for rival in comparison.RIVALS.values():
        flags = [*comparison.COMMON.split(), *rival.flags.split()]
        flags += rival.length(16000)
        flagfile = tmp_path / "rival.cfg"
        flagfile.write_text("\n".join(flags) + "\n")
        config = Config.from_flagfile(flagfile, dataset="creatures")
        assert config.training.batch_size == comparison.BATCH


def test_sheet_shows_each_source_where_its_answer_is_known(docs, tmp_path):
    """Rows are sources, columns rivals between source and right answer."""
    comparison = docs("comparison_experiment")
    rng = np.random.default_rng(0)
    run_dirs = {}
    for name in ("a", "b"):
        folder = tmp_path / name / "report"
        folder.mkdir(parents=True)
        np.savez(
            folder / "pictures.npz",
            sources=rng.integers(256, size=(2, 8, 8, 3), dtype=np.uint8),
            grid=rng.integers(256, size=(3, 2, 8, 8, 3), dtype=np.uint8),
            truth=np.zeros((3, 2, 8, 8, 3), np.uint8),
            truth_known=np.ones((3, 2), bool),
            grid_targets=np.arange(3),
            source_labels=np.arange(2),
        )
        run_dirs[name] = str(tmp_path / name)
    path = tmp_path / "sheet.png"
    comparison.draw_sheet(run_dirs, str(path))
    assert path.stat().st_size > 1000
