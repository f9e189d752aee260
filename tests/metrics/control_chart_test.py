import json

import numpy as np
import pytest

from deepi2i_tf.metrics import control_chart
from deepi2i_tf.metrics.control_chart import (
    ALLOWANCE,
    FIRST,
    LAG,
    LIMIT,
    MAD_TO_DEVIATION,
    WINDOW,
    ControlChart,
    level_and_spread,
)


def autoregressive(rho, charts, values, seed=0):
    """Noise of deviation 1; a value resembles the one before by rho."""
    noise = np.random.default_rng(seed).standard_normal((charts, values))
    made = noise.copy()
    for index in range(1, values):
        made[:, index] *= np.sqrt(1.0 - rho**2)
        made[:, index] += rho * made[:, index - 1]
    return made


def levels_and_spreads(series):
    """Of every index, those of the values t-120 .. t-10 before it."""
    charts, length = series.shape
    levels, spreads = np.zeros((2, charts, length))
    for index in range(FIRST, length):
        known = series[:, max(0, index - WINDOW) : index - LAG + 1]
        level = np.median(known, axis=1)
        deviations = np.abs(known - level[:, None])
        levels[:, index] = level
        spreads[:, index] = MAD_TO_DEVIATION * np.median(deviations, axis=1)
    return levels, spreads


def alarmed(series):
    """Index of each series' first alarm, else -1: all charts at once."""
    charts, length = series.shape
    levels, spreads = levels_and_spreads(series)
    sums, found = np.zeros((2, charts)), np.full(charts, -1)
    level, spread = levels[:, FIRST], spreads[:, FIRST]
    for index in range(FIRST, length):
        quiet = sums.max(axis=0) == 0.0
        level = np.where(quiet, levels[:, index], level)
        spread = np.where(quiet, spreads[:, index], spread)
        deviation = (series[:, index] - level) / spread
        sums = np.maximum(0, sums + [deviation, -deviation] - ALLOWANCE)
        over = (sums > LIMIT).any(axis=0) & (found < 0)
        found[over] = index
    return found


def first_alarm(values):
    chart = ControlChart()
    for index, value in enumerate(values):
        if chart.update(value):
            return index
    return -1


# The rates of 100 charts, 0, .02 and .33, and 4 deviations of a rate of 40.
@pytest.mark.parametrize("rho, most", [(0.0, 0.0), (0.3, 0.11), (0.6, 0.63)])
def test_false_alarms_in_5000_values(rho, most):
    found = alarmed(autoregressive(rho, charts=40, values=5000))
    assert np.mean(found >= 0) <= most


def test_one_by_one_alarms_where_all_at_once_do():
    series = autoregressive(0.6, charts=12, values=1500)
    series[6:, 700:] += 4.0
    expected = alarmed(series)
    assert (expected[6:] >= 700).all()
    assert [first_alarm(values) for values in series] == expected.tolist()


# Of a change by d spreads, 12 / (d - 1.5) values. The estimated spread may be
# a fifth too large.
@pytest.mark.parametrize(
    "change, values", [(2.0, 60), (4.0, 8), (-4.0, 8), (8.0, 3)]
)
def test_a_change_is_told_soon(change, values):
    series = autoregressive(0.0, charts=30, values=400, seed=1)
    series[:, 300:] += change
    found = alarmed(series)
    assert np.median(found) - 300 <= values
    chart = ControlChart()
    signs = [chart.update(value) for value in series[0]]
    assert next(filter(None, signs)) == np.sign(change)


def test_known_numbers():
    assert level_and_spread([1.0, 2.0, 4.0, 9.0]) == (3.0, 1.4826 * 1.5)
    chart = ControlChart()
    for index in range(FIRST):
        assert chart.update(float(index % 3)) == 0
    assert chart.level is None
    # Of 26 values or more: 0, 1 and 2, a third each.
    assert chart.update(1.0) == 0
    assert (chart.level, chart.spread) == (1.0, MAD_TO_DEVIATION)
    for alarm, up in [(0, 2.5), (0, 5.0), (0, 7.5), (0, 10.0), (1, 0.0)]:
        assert chart.update(1.0 + 4.0 * chart.spread) == alarm
        assert (chart.up, chart.down) == (pytest.approx(up), 0.0)
        assert chart.level == 1.0
    assert chart.largest_sum == 0.0


def test_what_never_moved_and_what_is_no_number_alarm_nobody():
    chart = ControlChart()
    for _ in range(2 * FIRST):
        assert chart.update(1.0) == 0
    assert chart.update(5.0) == 0
    before = chart.state()
    for value in (np.nan, np.inf):
        assert chart.update(value) == 0
    assert chart.state() == before


def test_it_goes_on_from_json_with_the_same_bits():
    values = autoregressive(0.6, charts=1, values=300)[0]
    one, other = ControlChart(), ControlChart()
    for value in values:
        one.update(float(value))
        other.update(float(value))
        other = ControlChart.from_state(json.loads(json.dumps(other.state())))
        assert other.state() == one.state()
    assert len(one.state()["values"]) <= control_chart.WINDOW
