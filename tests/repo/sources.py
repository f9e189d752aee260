"""The project's own source files, parsed, for the tests of this folder."""

import ast
import functools
import pathlib

ROOT = pathlib.Path(__file__).parents[2]
PACKAGES = ("deepi2i_tf", "data_prep")
# What cannot be imported without TensorFlow, or starts what has it.
TENSORFLOW = {"tensorflow", "keras", "tensorflow_datasets", "tests.processes"}


def package_files() -> list[pathlib.Path]:
    return [
        path
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def test_files() -> list[pathlib.Path]:
    return sorted((ROOT / "tests").rglob("*.py"))


@functools.cache
def tree(path: pathlib.Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: pathlib.Path) -> str:
    return str(path.relative_to(ROOT))


def module_of(path: pathlib.Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(path: pathlib.Path) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


@functools.cache
def is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").exists()


def imported_in_order(path: pathlib.Path) -> list[str]:
    """Dotted names a file imports; of a package, the modules it names."""
    names = []
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            full = [f"{node.module}.{alias.name}" for alias in node.names]
            if not all(map(is_module, full)):
                names.append(node.module)
            names += full
    return names


def imported(path: pathlib.Path) -> set[str]:
    return set(imported_in_order(path))


def _file_of(name: str) -> pathlib.Path | None:
    path = ROOT.joinpath(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file if file.exists() else None


@functools.cache
def _all_imported(path: pathlib.Path) -> frozenset[str]:
    """Dotted names, each with the packages that it stands in."""
    return frozenset(
        ".".join(parts[: count + 1])
        for parts in (name.split(".") for name in imported(path))
        for count in range(len(parts))
    )


def needs_tensorflow(path: pathlib.Path) -> bool:
    """Whether a file imports TensorFlow, directly or through its imports."""
    waiting, seen = [path], {path}
    while waiting:
        names = _all_imported(waiting.pop())
        if not names.isdisjoint(TENSORFLOW):
            return True
        files = {file for name in names if (file := _file_of(name))} - seen
        seen |= files
        waiting += files
    return False
