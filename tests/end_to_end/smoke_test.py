"""Every command starts as a user starts it, with nothing loaded before."""

import pytest

from tests import processes

MAIN = 'if __name__ == "__main__":'
COMMANDS = [
    f"{path.parent.name}.{path.stem}"
    for package in ("deepi2i_tf", "data_prep")
    for path in sorted((processes.ROOT / package).glob("*.py"))
    if MAIN in path.read_text(encoding="utf-8")
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS)
def test_help_says_how_to_start_it(command):
    code, out, err = processes.run(command, "--help", fresh=True)
    assert (code, err) == (0, "")
    assert f"usage: python -m {command} " in out
