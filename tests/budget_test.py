import pytest

from tests import budget

SECONDS = {
    "tests/data/a_test.py::test_one": 10.0,
    "tests/data/deep/b_test.py::test_two[a|b]": 6.0,
    "tests/train_test.py::test_three": 1.0,
}


def test_a_table_tells_its_own_budgets():
    page = budget.table(SECONDS, unit=4.0, whole=12.0)
    assert "took 3 imports" in page
    assert "| `tests/data` | 2 | 4.0 | 6 |" in page
    assert "| `tests/data/a_test.py::test_one` | 2.5 |" in page
    assert "`tests/data/deep/b_test.py::test_two[a/b]`" in page
    assert budget.budgets(page) == {"tests": 1.0, "tests/data": 6.0}


@pytest.mark.parametrize(
    "unit, said",
    [(4.0, []), (2.0, ["tests/data took 8.0 imports, 6 allowed"])],
)
def test_a_folder_above_its_budget_is_named(unit, said):
    allowed = {"tests/data": 6.0}
    assert budget.above_budget(SECONDS, unit, allowed) == said
