import pytest

from deepi2i_tf.utils.formatting import format_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (42, "42 s"),
        (89, "89 s"),
        (90, "2 min"),
        (180, "3 min"),
        (5400, "1.5 h"),
        (9000, "2.5 h"),
        (864000, "10.0 days"),
    ],
)
def test_durations_are_for_people(seconds, text):
    assert format_duration(seconds) == text
