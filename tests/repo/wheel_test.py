"""What an installed wheel holds; an editable install hides what it lacks."""

import shutil
import subprocess
import sys
import zipfile

from tests.repo import sources


def files_of_a_clone(*folders: str) -> set[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", *folders],
        cwd=sources.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    names = listed.stdout.splitlines()
    return {name for name in names if (sources.ROOT / name).exists()}


def test_the_wheel_holds_every_module_and_every_file_beside_them(tmp_path):
    packages = files_of_a_clone("deepi2i_tf", "data_prep")
    # Elsewhere: setuptools builds beside the source, and takes what lies there.
    for name in packages | {"setup.py", "pyproject.toml", "README.md"}:
        copy = tmp_path / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sources.ROOT / name, copy)
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"),
            *("--no-build-isolation", "--wheel-dir", tmp_path),
            tmp_path / "source",
        ],
        check=True,
        cwd=tmp_path,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        assert not packages - set(packed.namelist())
