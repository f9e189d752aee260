import pytest

from deepi2i_tf.evaluation import report_text


@pytest.mark.parametrize(
    "value, told",
    [
        (157.7, "157.7"),
        (5.78, "5.78"),
        (0.76, "0.760"),
        (0.03125, "0.0312"),
        (-0.0312, "-0.0312"),
        (0.0, "0.00"),
        (12345.6, "12,345.6"),
        (float("nan"), "-"),
        (None, "-"),
    ],
)
def test_distances_keep_the_digits_that_papers_print(value, told):
    assert report_text.distance(value) == told


def test_shares_and_fractions():
    assert report_text.percent(0.4951) == "49.5"
    assert report_text.percent(None) == "-"
    assert report_text.fraction(-0.0518) == "-0.052"
    assert report_text.fraction(float("inf")) == "-"


def test_any_value_of_a_protocol():
    values = (12800, 700, 2e-4, 7000.0, True, None, "", [16, 32], "test", ())
    assert [report_text.plain(value) for value in values] == (
        ["12,800", "700", "0.0002", "7000", "yes", "-", "-", "16, 32"]
        + ["test", "-"]
    )
    assert report_text.plain(float("nan")) == "nan"


def test_cells_of_a_csv_are_numbers_or_nothing():
    cells = ("0.5", "", "nan", "inf", "cat", None)
    read = [report_text.as_number(cell) for cell in cells]
    assert read == [0.5, None, None, None, None, None]


def test_true_is_no_number():
    assert not report_text.is_number(True)
    assert report_text.is_number(0)


def test_things_are_counted():
    counts = [(1, "class"), (2, "class"), (0, "row"), (12345, "row")]
    assert [report_text.counted(*each) for each in counts] == (
        ["1 class", "2 classes", "0 rows", "12,345 rows"]
    )
