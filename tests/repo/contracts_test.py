import re
import subprocess
import sys
import tomllib

from tests.repo import sources

CONTRACTS = tomllib.loads(
    (sources.ROOT / "pyproject.toml").read_text(encoding="utf-8")
)["tool"]["importlinter"]["contracts"]


def named_modules(contract):
    """Names of this project's modules in a contract, and of whole trees."""
    listed = contract.get("source_modules", []) + contract.get(
        "forbidden_modules", []
    )
    for ignored in contract.get("ignore_imports", []):
        listed += ignored.split(" -> ")
    for layer in contract.get("layers", []):
        for name in re.split("[|:]", layer):
            listed += [f"{c}.{name.strip()}" for c in contract["containers"]]
    ours = [n for n in listed if n.partition(".")[0] in sources.PACKAGES]
    return [name.removesuffix(".**") for name in ours]


def test_the_contracts_name_modules_that_exist():
    names = [name for each in CONTRACTS for name in named_modules(each)]
    assert len(names) > 40
    # One in parentheses need not exist for the linter, and does not here.
    assert [name for name in names if not sources.is_module(name)] == []


def test_a_new_flag_is_sent_to_files_that_hold_flags():
    page = (sources.ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = page.partition("### A flag")[2].partition("###")[0]
    folder = sources.ROOT / "deepi2i_tf" / "config"
    holding = {
        f"config/{path.name}"
        for path in folder.glob("*.py")
        if re.search(r"^    \w+: .* = option\(", path.read_text(), re.MULTILINE)
    }
    named = re.findall(r"config/\w+\.py", section)
    assert named and set(named) <= holding


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
