import dataclasses

import numpy as np
import pytest

from deepi2i_tf.reporting.html.elements import Markup
from deepi2i_tf.reporting.report_data import ReportData
from deepi2i_tf.reporting.report_files import Curve
from deepi2i_tf.reporting.sections import training
from tests.reporting import drawn_report
from tests.reporting.page_parts import PageParts

# Long enough for an evaluation every 1000 steps, a row every 20.
LONG = dataclasses.replace(drawn_report.SMALL, rows=60)
SECTIONS = (
    training.losses_section,
    training.sigma_section,
    training.progress_section,
    training.rates_section,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return drawn_report.read(tmp_path_factory.mktemp("drawn"), LONG)


def _bare(**changes):
    nothing = ReportData("n", {}, [], {}, {}, {}, "", "")
    return dataclasses.replace(nothing, **changes)


SLUGS = (
    [f"loss_{n}" for n in ("discriminator", "generator", "reconstruction")]
    + ["scores"],
    ["sigma_generator", "sigma_discriminator"],
    ["metric_rc", "metric_mfid", "metric_pose_r2"],
    ["learning_rates", "speed_steps_per_second", "speed_images_per_second"],
)


def test_each_section_draws_its_charts(report):
    for section, slugs in zip(SECTIONS, SLUGS, strict=True):
        drawn = []

        def draw(charts, drawn=drawn):
            drawn.extend(chart.slug for chart in charts)
            return Markup("<i>charts</i>")

        made = section(report, draw)
        assert drawn == slugs
        assert "charts" in PageParts(made.body).text


@pytest.mark.parametrize("section", SECTIONS)
def test_without_a_log_there_is_no_section(section):
    assert section(_bare(), lambda charts: Markup("")) is None


def test_sigmas_are_listed_by_growth():
    steps = np.arange(3)
    log = {
        "sigma/generator/<a>/sigma": Curve(steps, np.array([2.0, 3.0, 2.5])),
        "sigma/generator/<b>/sigma": Curve(steps, np.array([1.0, 40.0, 2.0])),
    }
    made = training.sigma_section(_bare(log=log), lambda _: Markup("x"))
    assert PageParts(made.body).tables[0][1:] == [
        ["generator/<b>", "1.00", "2.00", "40.0", "40.0"],
        ["generator/<a>", "2.00", "2.50", "3.00", "1.50"],
    ]


def test_values_that_are_no_numbers_are_told():
    curve = Curve(np.array([20]), np.array([1.0]), dropped=3)
    log = {"reconstruction": curve}
    made = training.losses_section(_bare(log=log), lambda _: Markup("x"))
    assert "not drawn: reconstruction (3 rows)" in made.body


def test_a_loss_that_never_was_a_number_leaves_no_section():
    log = {"reconstruction": Curve(np.zeros(0, int), np.zeros(0), dropped=3)}
    assert training.losses_section(_bare(log=log), lambda _: "") is None


def test_the_flagfile_is_shown_as_it_stands(report):
    parts = PageParts(training.flags_section(report).body)
    assert drawn_report.FLAGS.strip() in parts.text
    assert training.flags_section(_bare()) is None
