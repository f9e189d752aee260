"""How the files stand; each check names every place that breaks it."""

import ast
import graphlib

from tests.repo import sources

FILES = sources.package_files()
MODULES = [path for path in FILES if path.name != "__init__.py"]
EVERY_FILE = [*FILES, *sources.test_files(), sources.ROOT / "setup.py"]
MOST_LINES_OF_A_FILE = 600
MOST_LINES_OF_A_FUNCTION = 40


def test_every_module_is_tested_in_the_folder_that_mirrors_its_own():
    untested = []
    for path in MODULES:
        within = path.relative_to(sources.ROOT)
        if within.parts[0] == "deepi2i_tf":
            within = within.relative_to("deepi2i_tf")
        folder = sources.ROOT / "tests" / within.parent
        module = sources.module_of(path)
        own = folder / f"{path.stem}_test.py"
        if not own.exists() and not any(
            module in sources.imported(test)
            for test in folder.glob("*_test.py")
        ):
            untested.append(module)
    assert not untested


def test_a_command_is_imported_before_tensorflow():
    """cli.command loads TensorFlow in silence, with the right settings."""
    for path in (sources.ROOT / "deepi2i_tf").glob("*.py"):
        ours = [
            name
            for name in sources.imported_in_order(path)
            if name.startswith(("deepi2i_tf.", "tensorflow", "keras"))
        ]
        assert not ours or ours[0].startswith("deepi2i_tf.cli"), path.name


def test_every_command_starts_by_the_one_that_escapes_and_ends_in_a_word():
    """Of `utils/process.py`, or the way there."""
    commands = [
        path
        for package in sources.PACKAGES
        for path in (sources.ROOT / package).glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    ]
    assert len(commands) > 6
    for path in commands:
        last = sources.tree(path).body[-1]
        assert isinstance(last, ast.If), path
        start = ast.unparse(last.body[-1])
        assert start.startswith(("command.run(main", "run(main")), path


def test_files_are_short():
    assert not [
        f"{sources.name_of(path)}: {lines} lines"
        for path in EVERY_FILE
        if (lines := path.read_text(encoding="utf-8").count("\n"))
        > MOST_LINES_OF_A_FILE
    ]


def test_functions_are_short():
    assert not [
        f"{sources.name_of(path)}:{function.lineno} {function.name}: "
        f"{lines} lines"
        for path in EVERY_FILE
        for function in sources.functions(path)
        if (lines := function.end_lineno - function.lineno + 1)
        > MOST_LINES_OF_A_FUNCTION
    ]


def test_imports_stand_at_the_top():
    assert not [
        f"{sources.name_of(path)}:{node.lineno}"
        for path in EVERY_FILE
        for function in sources.functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        # A second that only sets which TFDS wrote need to spend.
        and ast.unparse(node) != "import tensorflow_datasets as tfds"
    ]


def hands_on(node):
    """Whether a statement is a docstring, an import or `__all__`."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign):
        return [ast.unparse(target) for target in node.targets] == ["__all__"]
    return isinstance(node, ast.Import | ast.ImportFrom)


def test_init_hands_names_on_and_defines_nothing():
    assert not [
        f"{sources.name_of(path)}:{node.lineno}"
        for path in FILES
        if path.name == "__init__.py"
        # The package's own hands names on when they are asked for.
        and path.parent.name != "deepi2i_tf"
        for node in sources.tree(path).body
        if not hands_on(node)
    ]


def test_packages_hold_no_assert_and_no_note_to_self():
    assert not [
        f"{sources.name_of(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Assert)
    ]
    assert not [
        f"{sources.name_of(path)}: {word}"
        for path in FILES
        for word in ("TODO", "FIXME", "XXX")
        if word in path.read_text(encoding="utf-8")
    ]


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
