import subprocess
import sys

from tests.repo import sources


def test_the_import_contracts_of_pyproject_hold():
    lint = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as command;"
            " command()",
            "--no-logo",
            "--no-cache",
        ],
        cwd=sources.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert lint.returncode == 0, lint.stdout + lint.stderr
