"""Every raw data set, drawn small: prepared and trained on by its flagfile."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests import processes
from tests.data_prep.animal_faces.draw_raw import draw_raw as draw_animals
from tests.data_prep.biggan_hdf5.draw_raw import draw_raw as draw_hdf5
from tests.data_prep.nabirds.draw_raw import draw_raw as draw_birds
from tests.data_prep.uecfood256.draw_raw import draw_raw as draw_foods
from tests.processes import ROOT

# Flagfile, and what draws its raw data.
SETS = {
    "animals": draw_animals,
    "foods": draw_foods,
    "birds": draw_birds,
    "hdf5": draw_hdf5,
}
# What makes the experiment small, and nothing else.
SMALL = (
    "--resolution=32 --ch=2 --batch_size=4 --num_accumulations=2 --steps=2 "
    "--num_classes=0 --sample_every=2"
)


def run(command: list[str], folder: Path) -> str:
    return processes.succeed(*command, cwd=folder)


def header_command(flagfile: str, word: str) -> list[str]:
    """The command that a flagfile names at its top, as a list of words."""
    text = (ROOT / "flags" / flagfile).read_text(encoding="utf-8")
    return shlex.split(re.search(rf"# {word}: +python -m (.*)", text).group(1))


@pytest.mark.parametrize(
    "name",
    [
        "animals",
        *(
            pytest.param(n, marks=pytest.mark.slow)
            for n in SETS
            if n != "animals"
        ),
    ],
)
def test_prepared_and_trained_by_its_flagfile(tmp_path, name):
    shutil.copytree(ROOT / "flags", tmp_path / "flags")
    prepare = header_command(f"{name}.cfg", "Data")
    train = header_command(f"{name}.cfg", "Command")
    (raw,) = re.findall(r"--manual_dir=(\S+)", " ".join(prepare))
    SETS[name](tmp_path / raw)
    run([*prepare, "--resolution=32"], tmp_path)
    run([*train, *SMALL.split(), f"--run_dir={tmp_path / 'run'}"], tmp_path)
    done = json.loads((tmp_path / "run" / "DONE.json").read_text())
    assert done["step"] == 2
    assert list((tmp_path / "run" / "samples").iterdir())
    # The same command again finds nothing left to prepare.
    assert "Stands already" in run([*prepare, "--resolution=32"], tmp_path)
