import ast
import re

from tests.repo import sources

FILES = sources.package_files()
ARGUMENT = re.compile(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?:", re.MULTILINE)
SECTION = re.compile(r"^Args:\n((?:(?: .*)?\n?)*)", re.MULTILINE)


def public_nodes(parent):
    """Public classes and functions of a module, and methods of a class."""
    for node in parent.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        if node.name.startswith("_"):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from public_nodes(node)


def parameters(function):
    arguments = function.args
    named = arguments.posonlyargs + arguments.args + arguments.kwonlyargs
    starred = [arg for arg in (arguments.vararg, arguments.kwarg) if arg]
    names = {arg.arg for arg in named + starred}
    return names - {"self", "cls"}


def constructor_parameters(node):
    """Of `__init__`, or of a dataclass' fields; None for neither."""
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return parameters(member)
    decorators = [ast.unparse(each) for each in node.decorator_list]
    if any("dataclass" in decorator for decorator in decorators):
        return {
            member.target.id
            for member in node.body
            if isinstance(member, ast.AnnAssign)
            and not member.target.id.startswith("_")
        }
    return None


def documented_arguments(node):
    """Names under `Args:`, or None where there is no such section."""
    section = SECTION.search(ast.get_docstring(node) or "")
    return set(ARGUMENT.findall(section.group(1))) if section else None


def needs_words(node):
    """Whether a name has no docstring; a setter's is its getter's."""
    setter = any("setter" in ast.unparse(d) for d in node.decorator_list)
    return not (setter or ast.get_docstring(node))


def test_every_public_name_is_documented():
    silent = [
        f"{sources.name_of(path)}:{node.lineno} {node.name}"
        for path in FILES
        for node in public_nodes(sources.tree(path))
        if needs_words(node)
    ]
    silent += [
        sources.name_of(path)
        for path in FILES
        if not ast.get_docstring(sources.tree(path))
    ]
    assert not silent


def test_documented_arguments_are_those_of_the_signature():
    wrong = []
    for path in FILES:
        for node in public_nodes(sources.tree(path)):
            documented = documented_arguments(node)
            if isinstance(node, ast.ClassDef):
                actual = constructor_parameters(node)
            else:
                actual = parameters(node)
            if documented is None or actual is None:
                continue
            # **kwargs may stay unsaid: it is handed on to the base class.
            differ = (documented ^ actual) - {"kwargs"}
            if differ:
                name = f"{sources.name_of(path)}:{node.lineno} {node.name}"
                wrong.append(f"{name}: {', '.join(sorted(differ))}")
    assert not wrong


def test_the_reader_of_sections_reads():
    module = ast.parse(
        "def f(a, b, **kwargs):\n"
        '    """One.\n\n    Args:\n        a: first:\n            more.\n\n'
        '        b (int): second.\n\n    Returns:\n        c: no.\n    """\n'
    )
    assert documented_arguments(module.body[0]) == {"a", "b"}
    assert parameters(module.body[0]) == {"a", "b", "kwargs"}
