import sys

import pytest

from tests import suite


def command(code):
    return (sys.executable, "-c", code)


@pytest.mark.parametrize(("one", "other"), [(0, 0), (3, 0), (0, 4)])
def test_one_half_that_fails_fails_the_whole(one, other, capfdbinary):
    code = suite.run(
        command(f"print('others'); raise SystemExit({one})"),
        command(f"print('apart'); raise SystemExit({other})"),
    )
    assert code == (one or other)
    said = capfdbinary.readouterr().out
    assert said.index(b"others") < said.index(b"\napart")
