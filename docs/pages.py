"""Lays the pages of the documentation out for mkdocs (`make docs`).

    python docs/pages.py build/pages

Every page of the repository goes to the place that its links expect; `api/`
gets a page for each package, of whose public names mkdocstrings writes what
their docstrings say.
"""

import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).parents[1]
# What pages link to, pictures and licence among them.
LINKED = (
    "*.md",
    "LICENSE",
    "Makefile",
    "setup.py",
    "docs/*.*",
    "flags/*.*",
    "data_prep/**/README.md",
    "tests/README.md",
)
PACKAGES = ("deepi2i_tf", "data_prep")


def copy_pages(folder: pathlib.Path) -> None:
    """Copies what is linked; README is the first page, too."""
    for pattern in LINKED:
        for path in ROOT.glob(pattern):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def write_reference(folder: pathlib.Path) -> None:
    """Writes a page for each package, and a list of them."""
    listed = ["# API reference", ""]
    for package in PACKAGES:
        for init in sorted((ROOT / package).rglob("__init__.py")):
            names = init.parent.relative_to(ROOT).parts
            name = ".".join(names)
            modules = sorted(
                path.stem
                for path in init.parent.glob("*.py")
                if not path.stem.startswith("_")
            )
            lines = [f"# {name}", ""]
            lines += [f"::: {name}.{module}\n" for module in modules]
            if modules:
                (folder / f"{name}.md").write_text("\n".join(lines))
                listed.append(f"- [{name}]({name}.md)")
    (folder / "index.md").write_text("\n".join(listed) + "\n")


def main() -> None:
    """Makes the folder anew."""
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    copy_pages(folder)
    (folder / "api").mkdir()
    write_reference(folder / "api")


if __name__ == "__main__":
    main()
