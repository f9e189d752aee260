import ast
import graphlib

import pytest

from tests.repo import sources

FILES = sources.package_files()
MODULES = [path for path in FILES if path.name != "__init__.py"]
EVERY_FILE = [*FILES, *sources.test_files(), sources.ROOT / "setup.py"]
MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 40


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=sources.name_of)


@each(MODULES)
def test_every_module_has_a_test_module(path):
    within = path.relative_to(sources.ROOT)
    if within.parts[0] == "deepi2i_tf":
        within = within.relative_to("deepi2i_tf")
    expected = sources.ROOT / "tests" / within.with_name(f"{path.stem}_test.py")
    assert expected.exists(), f"write {sources.name_of(expected)}"


@each(EVERY_FILE)
def test_files_are_short(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= MOST_LINES_OF_A_FILE


@each(EVERY_FILE)
def test_functions_are_short(path):
    long = {
        function.name: function.end_lineno - function.lineno + 1
        for function in sources.functions(path)
        if function.end_lineno - function.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    }
    assert not long


@each(EVERY_FILE)
def test_imports_stand_at_the_top(path):
    inside = [
        f"line {node.lineno}"
        for function in sources.functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert not inside


@each([path for path in FILES if path.name == "__init__.py"])
def test_init_hands_names_on_and_defines_nothing(path):
    for node in sources.tree(path).body:
        docstring = isinstance(node, ast.Expr) and isinstance(
            node.value, ast.Constant
        )
        exports = isinstance(node, ast.Assign) and all(
            isinstance(target, ast.Name) and target.id == "__all__"
            for target in node.targets
        )
        imports = isinstance(node, ast.Import | ast.ImportFrom)
        assert docstring or exports or imports, f"line {node.lineno}"


@each(FILES)
def test_packages_hold_no_assert_and_no_note_to_self(path):
    asserts = [
        node.lineno
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Assert)
    ]
    assert not asserts
    text = path.read_text(encoding="utf-8")
    assert not [word for word in ("TODO", "FIXME", "XXX") if word in text]


def test_there_is_no_import_cycle():
    modules = {sources.module_of(path) for path in FILES}
    graph = {
        sources.module_of(path): (sources.imported(path) & modules)
        - {sources.module_of(path)}
        for path in FILES
    }
    # A file that takes a name from a package's __init__ depends on it alone;
    # the __init__ in turn depends on what it hands on.
    graphlib.TopologicalSorter(graph).prepare()


def test_only_flags_imports_absl_flags():
    users = [
        sources.name_of(path)
        for path in FILES
        if path.parts[-2] == "deepi2i_tf" or "deepi2i_tf" in path.parts
        if any(name.startswith("absl") for name in sources.imported(path))
    ]
    assert users == ["deepi2i_tf/cli/flags.py"]
