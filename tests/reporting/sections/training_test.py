import dataclasses
import os

import numpy as np
import pytest

from deepi2i_tf.reporting.report_data import Curve
from deepi2i_tf.reporting.sections import training
from tests.reporting import drawn_report
from tests.reporting.page_parts import report_page, report_parts

# Long enough for an evaluation every 1000 steps, a row every 20.
LONG = dataclasses.replace(drawn_report.SMALL, rows=60)
SLUGS = {
    "losses": ["loss_discriminator", "loss_generator", "loss_reconstruction"]
    + ["scores"],
    "sigma": ["sigma_generator", "sigma_discriminator"],
    "progress": ["metric_rc", "metric_mfid", "metric_pose_r2"],
    "rates": ["learning_rates", "speed_steps_per_second"]
    + ["speed_images_per_second"],
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The log's sections, their page, and the files beside it."""
    folder = tmp_path_factory.mktemp("drawn")
    sections = training.curves(drawn_report.read(folder, LONG).log, str(folder))
    return sections, report_parts(**sections), os.listdir(folder / "plots")


def test_each_section_draws_its_charts(drawn):
    sections, parts, files = drawn
    counts = {name: len(data["charts"]) for name, data in sections.items()}
    assert counts == {name: len(slugs) for name, slugs in SLUGS.items()}
    every = [slug for slugs in SLUGS.values() for slug in slugs]
    assert sorted(files) == sorted(f"{slug}.png" for slug in every)
    assert len(parts.charts) == len(every)


def test_charts_of_a_page_share_no_id(drawn):
    ids = drawn[1].ids
    assert len(ids) == len(set(ids))


def test_the_states_of_the_monitor_are_told_and_drawn(tmp_path):
    steps = np.arange(20, 120, 20)
    states = np.array([0.0, 1.0, 1.0, 0.0, 3.0])
    log = {
        "discriminator_loss": Curve(steps, np.linspace(2.0, 0.0, 5)),
        "monitor/state": Curve(steps, states),
        "monitor/sources": Curve(steps, np.linspace(1.0, 0.2, 5)),
        "monitor/overfit": Curve(steps, np.linspace(0.0, 0.4, 5)),
    }
    made = training.curves(log, str(tmp_path))
    assert set(made) == {"losses", "monitor"}
    assert made["losses"]["states"] == "watch in 2 rows, collapse in 1 row"
    assert len(made["monitor"]["charts"]) == 2
    page = report_page(**made)
    assert "red a collapse (watch in 2 rows, collapse in 1 row)" in page
    quiet = log | {"monitor/state": Curve(steps, 0.0 * states)}
    made = training.curves(quiet, str(tmp_path))
    assert made["losses"]["states"] == ""
    assert "The strip above" not in report_page(**made)


def test_without_a_log_there_is_no_section():
    assert training.curves({}, "") == {}


def test_sigmas_are_listed_by_growth(tmp_path):
    steps = np.arange(3)
    log = {
        "sigma/generator/<a>/sigma": Curve(steps, np.array([2.0, 3.0, 2.5])),
        "sigma/generator/<b>/sigma": Curve(steps, np.array([1.0, 40.0, 2.0])),
    }
    made = report_parts(**training.curves(log, str(tmp_path)))
    assert made.tables[0][1:] == [
        ["generator/<b>", "1.00", "2.00", "40.0", "40.0"],
        ["generator/<a>", "2.00", "2.50", "3.00", "1.50"],
    ]


def test_values_that_are_no_numbers_are_told(tmp_path):
    curve = Curve(np.array([20]), np.array([1.0]), dropped=3)
    log = {"reconstruction": curve}
    page = report_page(**training.curves(log, str(tmp_path)))
    assert "not drawn: reconstruction (3 rows)" in page


def test_a_loss_that_never_was_a_number_leaves_no_section():
    log = {"reconstruction": Curve(np.zeros(0, int), np.zeros(0), dropped=3)}
    assert training.curves(log, "") == {}


def test_the_flagfile_is_shown_as_it_stands():
    flags = drawn_report.FLAGS.strip()
    assert flags in report_parts(flags=flags).text
