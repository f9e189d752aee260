"""The tutorial, run from its first cell to its last, only smaller."""

import shutil

import nbformat
import pytest
from nbclient import NotebookClient

from tests.processes import ROOT

SMALLER = {
    "STEPS, IMAGES = 500, 4000": "STEPS, IMAGES = 5, 160",
    "steps=STEPS,": "steps=STEPS, ch=2, batch_size=4,",
    "num_images=80,": "num_images=8, diversity_sources=2,",
}


@pytest.mark.slow
def test_the_tutorial_runs(tmp_path, monkeypatch):
    notebook = nbformat.read(ROOT / "docs" / "tutorial.ipynb", 4)
    cells = [c for c in notebook.cells if c.cell_type == "code"]
    assert len(cells) == 10
    for before, after in SMALLER.items():
        assert sum(before in cell.source for cell in cells) == 1
        for cell in cells:
            cell.source = cell.source.replace(before, after)
    shutil.copytree(ROOT / "flags", tmp_path / "flags")
    folder = tmp_path / "docs"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    client = NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    assert "the same picture: True" in cells[-2].outputs[0].text
    assert (folder / "exported/creatures/saved_model.pb").exists()


def test_the_tutorial_is_kept_with_its_pictures():
    notebook = nbformat.read(ROOT / "docs" / "tutorial.ipynb", 4)
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    assert sum("image/png" in o.get("data", {}) for o in outputs) >= 3
    assert not [o for o in outputs if o.output_type == "error"]
