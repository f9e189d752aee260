"""The README's commands, run as a user runs them, only smaller.

Those of the demo start Python anew, as a user does: they are what every other
test of a process need not be.
"""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from tests import processes
from tests.end_to_end.crop_photos import crop_photos
from tests.processes import ROOT

COMMAND = re.compile(r"-m ((?:data_prep|deepi2i_tf)\.\w+) ([^;&|\n]*)")
# What makes each command small; the last value of a flag wins.
SMALL = {
    "data_prep.prepare": "--resolution=32",
    "deepi2i_tf.train": (
        "--resolution=32 --ch=2 --batch_size=4 --steps=4 --sample_every=2"
    ),
    "deepi2i_tf.evaluate": (
        "--num_images=8 --diversity_sources=2 --reference_steps=20"
    ),
}


def small_commands(text: str, extra: dict[str, str]) -> list[list[str]]:
    joined = text.replace("\\\n", " ")
    commands = []
    for module, arguments in COMMAND.findall(joined):
        more = f"{SMALL.get(module, '')} {extra.get(module, '')}"
        commands.append([module, *shlex.split(f"{arguments} {more}")])
    return commands


def run_all(
    commands: list[list[str]], folder: Path, fresh: bool = False
) -> None:
    for command in commands:
        processes.succeed(*command, cwd=folder, fresh=fresh)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "flags", tmp_path / "flags")
    return tmp_path


def test_your_own_photos(folder):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split("## I have photos")[1].split("## ")[0]
    crop_photos(folder / "photos", 20, ("cat", "flower"))
    shutil.copy(folder / "photos/cat/0000.jpg", folder / "cat.jpg")
    commands = small_commands(section.split("```")[1], {})
    assert len(commands) == 5
    run_all(commands, folder)
    metrics = json.loads(
        (folder / "runs/photos/report/metrics.json").read_text()
    )
    assert 0.0 <= metrics["rc"] <= 1.0
    assert "pose_r2" not in metrics
    with Image.open(folder / "translated.png") as sheet:
        assert sheet.width > sheet.height > 32
    done = json.loads((folder / "runs/photos/DONE.json").read_text())
    assert done["step"] == 4


@pytest.mark.slow
def test_the_demo(folder):
    recipe = subprocess.run(
        ["make", "-n", "demo"], cwd=ROOT, capture_output=True, text=True
    ).stdout.replace("n8000", "n160")
    commands = small_commands(recipe, {"data_prep.prepare": "--num_images=160"})
    modules = [command[0].split(".")[1] for command in commands]
    assert modules == (
        ["prepare", "train", "evaluate", "export", "extract", "translate"]
    )
    run_all(commands, folder, fresh=True)
    assert (folder / "demo/run/report/report.html").exists()
    report = folder / "demo/run/report/metrics.json"
    assert set(json.loads(report.read_text())["pose_r2"]) == {
        "x",
        "y",
        "scale",
        "roll",
        "yaw",
    }
    with Image.open(folder / "demo/sheet.png") as sheet:
        assert sheet.width > 8 * 32
