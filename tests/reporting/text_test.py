import pytest

from deepi2i_tf.reporting import text


@pytest.mark.parametrize(
    "value, message",
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
def test_distances_keep_the_digits_that_papers_print(value, message):
    assert text.distance(value) == message


def test_fractions_and_decimals():
    assert text.percent(0.4951) == "49.5"
    assert text.percent(None) == "-"
    assert text.decimals(-0.0518) == "-0.052"
    assert text.decimals(float("inf")) == "-"


def test_any_value_of_a_protocol():
    values = (12800, 700, 2e-4, 7000.0, True, None, "", [16, 32], "test", ())
    assert [text.plain(value) for value in values] == (
        ["12,800", "700", "0.0002", "7000", "yes", "-", "-", "16, 32"]
        + ["test", "-"]
    )
    assert text.plain(float("nan")) == "nan"


def test_cells_of_a_csv_are_numbers_or_nothing():
    cells = ("0.5", "", "nan", "inf", "cat", None)
    read = [text.as_number(cell) for cell in cells]
    assert read == [0.5, None, None, None, None, None]


def test_true_is_no_number():
    assert not text.is_number(True)
    assert text.is_number(0)


def test_things_are_counted():
    counts = [(1, "class"), (2, "class"), (0, "row"), (12345, "row")]
    assert [text.counted(*each) for each in counts] == (
        ["1 class", "2 classes", "0 rows", "12,345 rows"]
    )
