"""How long the suite takes, in imports of TensorFlow: a plugin of pytest.

    pytest --budget=150               tells, and says where it is too much
    pytest --budget=150 --keep_budget fails there, too
    pytest --write_durations          writes the table of tests/README.md

Machines differ, and the same one is now quiet and now busy. So time is told in
imports: how long `python -c "import tensorflow"` takes here, in a process of
its own, when the last test has ended. The processors' time is told, too, in
that of an import: it depends least on what else the machine does, and is about
twice the other where two workers keep two cores busy. The table has a budget
for each folder: what its tests may take together, one after the other.
"""

import collections
import math
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import pytest

PAGE = pathlib.Path(__file__).with_name("README.md")
IMPORT = (sys.executable, "-c", "import tensorflow")
MEASUREMENTS = 3
# What a folder's budget allows above what it took when the table was written.
SLACK = 1.5
LONGEST = 20
BEGIN, END = "<!-- durations -->\n", "<!-- end of durations -->\n"
ROW = re.compile(
    r"^\| `([\w/]+)` \| \d+ \| [\d.]+ \| ([\d.]+) \|$", re.MULTILINE
)


def pytest_addoption(parser):
    group = parser.getgroup("budget")
    group.addoption(
        "--budget", type=float, help="imports of TensorFlow that all may take"
    )
    group.addoption(
        "--keep_budget", action="store_true", help="fail above the budget"
    )
    group.addoption(
        "--write_durations", action="store_true", help=f"write {PAGE.name}"
    )


def pytest_configure(config):
    wanted = config.getoption("budget") or config.getoption("write_durations")
    if wanted and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Durations(config), "durations")


def processor_seconds() -> float:
    """What this process took of the processors, and those it waited for."""
    times = os.times()
    return sum(times[:4])


def import_seconds() -> tuple[float, float]:
    """An import's time on the clock and on the processors: medians."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    spent = []
    for _ in range(MEASUREMENTS):
        clock, used = time.perf_counter(), processor_seconds()
        subprocess.run(IMPORT, check=True, env=quiet, capture_output=True)
        spent.append((time.perf_counter() - clock, processor_seconds() - used))
    clocks, processors = zip(*spent, strict=True)
    return statistics.median(clocks), statistics.median(processors)


def folder_of(test: str) -> str:
    """`tests/data` of `tests/data/folders_test.py::test_one[a]`."""
    return "/".join(test.partition("::")[0].split("/")[:-1][:2])


def table(seconds: dict[str, float], unit: float, whole: float) -> str:
    """The table of tests/README.md.

    Args:
        seconds: of every test, by its name.
        unit: seconds of one import.
        whole: seconds of the whole run.
    """
    folders = collections.defaultdict(list)
    for test, spent in seconds.items():
        folders[folder_of(test)].append(spent / unit)
    lines = [
        f"The run that wrote this took {whole / unit:.0f} imports of "
        f"TensorFlow, each {unit:.1f} s.",
        "",
        "| folder | tests | imports | budget |",
        "| --- | --- | --- | --- |",
    ]
    for folder, spent in sorted(folders.items()):
        budget = max(1, math.ceil(SLACK * sum(spent)))
        lines.append(
            f"| `{folder}` | {len(spent)} | {sum(spent):.1f} | {budget} |"
        )
    lines += ["", "| slowest tests | imports |", "| --- | --- |"]
    slowest = sorted(seconds.items(), key=lambda pair: -pair[1])[:LONGEST]
    for test, spent in slowest:
        lines.append(f"| `{test.replace('|', '/')}` | {spent / unit:.1f} |")
    return "\n".join(lines) + "\n"


def budgets(page: str) -> dict[str, float]:
    """What the table allows each folder."""
    return {folder: float(most) for folder, most in ROW.findall(page)}


def above_budget(
    seconds: dict[str, float], unit: float, allowed: dict[str, float]
) -> list[str]:
    """A sentence for each folder that took more than its budget."""
    spent = collections.Counter()
    for test, took in seconds.items():
        spent[folder_of(test)] += took / unit
    return [
        f"{folder} took {imports:.1f} imports, {allowed[folder]:.0f} allowed"
        for folder, imports in sorted(spent.items())
        if imports > allowed.get(folder, math.inf)
    ]


class Durations:
    """Adds up what each test takes, and says at the end what that is."""

    def __init__(self, config) -> None:
        self._config, self._begin = config, time.perf_counter()
        self._seconds = collections.Counter()
        self._lines, self._too_much = [], []

    def pytest_runtest_logreport(self, report):
        self._seconds[report.nodeid] += report.duration

    @pytest.hookimpl(trylast=True)  # when xdist's workers have ended
    def pytest_sessionfinish(self, session):
        whole, used = time.perf_counter() - self._begin, processor_seconds()
        unit, used_by_one = import_seconds()
        page = PAGE.read_text(encoding="utf-8")
        allowed = self._config.getoption("budget") or math.inf
        self._lines = [
            f"The suite took {whole / unit:.0f} imports of TensorFlow "
            f"({unit:.1f} s each), {allowed:.0f} allowed; of the processors' "
            f"time, that of {used / used_by_one:.0f} imports."
        ]
        self._too_much = above_budget(self._seconds, unit, budgets(page))
        if whole / unit > allowed:
            self._too_much.append("the whole suite took more than its budget")
        if self._config.getoption("write_durations"):
            before, after = page.split(BEGIN)[0], page.split(END)[1]
            rows = table(self._seconds, unit, whole)
            PAGE.write_text(before + BEGIN + rows + END + after, "utf-8")
        elif self._too_much and self._config.getoption("keep_budget"):
            session.exitstatus = max(session.exitstatus, 1)

    def pytest_terminal_summary(self, terminalreporter):
        terminalreporter.section("budget")
        for line in (*self._lines, *self._too_much):
            terminalreporter.line(line)
