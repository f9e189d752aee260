import ast
import functools
import re
import shlex

import pytest

from deepi2i_tf.cli import flags
from deepi2i_tf.config import Config
from tests.repo import sources

FLAGFILES = sorted((sources.ROOT / "flags").glob("*.cfg"))
PAGES = [
    sources.ROOT / name
    for name in (
        "README.md",
        "BUILD.md",
        "CONTRIBUTING.md",
        "flags/README.md",
        "data_prep/README.md",
        *(
            str(path.relative_to(sources.ROOT))
            for path in sorted((sources.ROOT / "data_prep").glob("*/README.md"))
        ),
        *(
            f"docs/{path.name}"
            for path in sorted((sources.ROOT / "docs").glob("*.md"))
        ),
        *(f"flags/{path.name}" for path in FLAGFILES),
    )
]
COMMAND = re.compile(r"python -m ((?:deepi2i_tf|data_prep)\.\w+)(.*)")


def each(paths):
    return pytest.mark.parametrize("path", paths, ids=sources.name_of)


def commands(path):
    """(module, arguments) of every command on a page."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    for module, rest in COMMAND.findall(text):
        yield module, shlex.split(re.split(r"[`|;]|  #", rest)[0])


@functools.cache
def known_flags(module):
    package, _, command = module.partition(".")
    if package == "deepi2i_tf":
        flags.define(command)
        shown = re.findall(r"^  --(\w+)=", flags.help_text(), re.MULTILINE)
        return {*shown, "flagfile", "help"}
    known = {"flagfile", "help"}
    for path in (sources.ROOT / "data_prep").rglob("*.py"):
        for node in ast.walk(sources.tree(path)):
            if isinstance(node, ast.Call) and "DEFINE" in ast.unparse(
                node.func
            ):
                known.add(node.args[0].value)
    return known


@each(FLAGFILES)
def test_flagfiles_parse_and_carry_their_own_name(path):
    flags.define("train")
    flags.parse([f"--flagfile={path}"])
    experiment = flags.read(Config)
    assert experiment.training.name == path.stem
    assert experiment.data.data_source


@each(FLAGFILES)
def test_flagfiles_give_each_flag_once_and_on_a_line_of_its_own(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    given = [line for line in lines if not line.startswith("#")]
    names = [line.partition("=")[0] for line in given]
    assert all(re.fullmatch(r"--[a-z]\w*", name) for name in names)
    names = [name.removeprefix("--").removeprefix("no") for name in names]
    assert len(set(names)) == len(names)
    # A sentence for people may hold a command, and that its flags.
    single = [line for line in given if not line.startswith("--data_source=")]
    assert [line for line in single if " --" in line] == []
    # No second heading further down, either.
    headings = [line for line in lines if line.startswith("# Paper row:")]
    assert len(headings) == 1
    first_flag = next(n for n, line in enumerate(lines) if line in given)
    assert not [line for line in lines[first_flag:] if line.startswith("#")]


@each(FLAGFILES)
def test_flagfiles_open_with_what_to_expect(path):
    text = path.read_text(encoding="utf-8")
    opening = text[: text.index("\n--")]
    for word in ("Paper row:", "Data:", "Command:", "Expected:", "Hours:"):
        assert f"# {word}" in opening


def test_every_flagfile_stands_in_the_table():
    table = (sources.ROOT / "flags" / "README.md").read_text(encoding="utf-8")
    assert [
        path.name for path in FLAGFILES if f"`{path.name}`" not in table
    ] == []


def test_links_of_pages_lead_somewhere():
    wrong = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text):
            if "://" not in link and not (path.parent / link).exists():
                wrong.append((sources.name_of(path), link))
    assert not wrong


def test_readme_is_short():
    text = (sources.ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= 150


def test_commands_on_pages_name_modules_and_flags_that_exist():
    wrong = []
    for path in PAGES:
        for module, arguments in commands(path):
            file = sources.ROOT.joinpath(*module.split(".")).with_suffix(".py")
            known = known_flags(module) if file.exists() else set()
            for argument in arguments:
                name = argument.lstrip("-").partition("=")[0]
                if not (
                    argument.startswith("--")
                    and (name in known or name.removeprefix("no") in known)
                ):
                    wrong.append((sources.name_of(path), module, argument))
            if not file.exists():
                wrong.append((sources.name_of(path), module))
    assert not wrong


def test_flagfiles_and_make_targets_on_pages_exist():
    makefile = (sources.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    wrong = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"--flagfile=(flags/[a-z0-9_]+\.cfg)", text):
            if not (sources.ROOT / name).exists():
                wrong.append((sources.name_of(path), name))
        named = re.findall(
            r"`make ([\w-]+)`|^make ([\w-]+)", text, re.MULTILINE
        )
        wrong += [
            (sources.name_of(path), "".join(target))
            for target in named
            if "".join(target) not in targets
        ]
    assert not wrong
