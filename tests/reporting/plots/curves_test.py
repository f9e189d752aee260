import numpy as np
import pytest

from deepi2i_tf.reporting.plots import curves
from deepi2i_tf.reporting.report_data import Curve


def _curve(*values):
    return Curve(np.arange(len(values)) * 20, np.array(values, np.float64))


def _lines(chart):
    return [line.name for line in chart.lines]


def test_losses_are_charted_by_term_and_unknown_ones_alone():
    log = {
        "discriminator_loss": _curve(1, 2),
        "discriminator_fake": _curve(3, 4),
        "r1": _curve(5, 6),
        "sigma/a": _curve(7),
        "reconstruction": _curve(),
    }
    charts = curves.loss_charts(log)
    assert [chart.slug for chart in charts] == ["loss_discriminator", "loss_r1"]
    assert _lines(charts[0]) == ["discriminator loss", "discriminator fake"]
    assert charts[0].lines[1].values.tolist() == [3, 4]
    assert all(line.smooth for line in charts[0].lines)


def test_sigmas_have_a_chart_for_each_network_and_the_growing_ones_a_name():
    log = {
        f"sigma/generator/block_{n}/sigma": _curve(1.0, 1.0 + n, 1.0)
        for n in range(7)
    }
    log["sigma/encoder/conv/sigma"] = _curve(2.0)
    generator, encoder = curves.sigma_charts(log)
    assert generator.slug == "sigma_generator"
    named = [name for name in _lines(generator) if name]
    assert named == ["block_3", "block_4", "block_5", "block_6"]
    assert len(generator.lines) == 7
    assert "The 4 layers that grew most have names, 3 more" in generator.reading
    assert _lines(encoder) == ["conv"]
    assert not generator.log


@pytest.mark.parametrize(
    "least, log", [(1.0, True), (40.0, False), (0.0, False)]
)
def test_sigmas_far_apart_are_logarithmic(least, log):
    found = {"sigma/g/a/sigma": _curve(least), "sigma/g/b/sigma": _curve(100.0)}
    assert curves.sigma_charts(found)[0].log == log


def test_rates_share_a_chart_and_speeds_do_not():
    log = {
        "learning_rate/generator": _curve(1e-4),
        "learning_rate/encoder": _curve(4e-4),
        "speed/steps_per_second": _curve(3.0),
        "speed/images_per_second": _curve(48.0),
    }
    charts = curves.rate_charts(log)
    assert [_lines(chart) for chart in charts] == [
        ["generator", "encoder"],
        ["steps per second"],
        ["images per second"],
    ]


def test_metrics_over_steps_are_grouped_by_what_they_share():
    log = {
        "evaluation/rc": _curve(0.5),
        "evaluation/rc_real": _curve(0.9),
        "evaluation/mfid": _curve(50.0),
        "evaluation/pose_r2/x": _curve(0.1),
        "evaluation/pose_r2/yaw": _curve(0.2),
        "discriminator_loss": _curve(1.0),
    }
    charts = curves.evaluation_charts(log)
    assert [(chart.title, _lines(chart)) for chart in charts] == [
        ("RC and FC", ["RC", "RC of real test images"]),
        ("mFID", ["mFID"]),
        ("pose r2", ["x", "yaw"]),
    ]
    assert charts[2].subject == "pose r2"


def test_what_the_monitor_measured_is_grouped_by_what_it_says():
    log = {
        "monitor/sources": _curve(1.0, 0.9),
        "monitor/z": _curve(0.1, 0.2),
        "monitor/edges": _curve(1.0, 1.1),
        "monitor/state": _curve(0.0, 0.0),
        "monitor/chart": _curve(0.0, 3.0),
    }
    made = curves.monitor_charts(log)
    assert [(chart.slug, _lines(chart)) for chart in made] == [
        ("monitor_variety", ["sources", "z"]),
        ("monitor_look", ["edges"]),
    ]
    assert curves.with_states(made, log) == made
    log["monitor/state"] = _curve(0.0, 1.0)
    strips = [chart.states for chart in curves.with_states(made, log)]
    assert [strip.values.tolist() for strip in strips] == [[0.0, 1.0]] * 2


def test_growth_is_from_the_first_value_to_the_largest():
    assert curves.growth(_curve(2.0, 9.0, 4.0)) == 4.5
    assert curves.growth(_curve(0.0, 3.0)) == 3.0


def test_file_names_are_plain():
    assert curves.slug_of("Sigma, gen/\u00e4 1") == "sigma__gen___1"


def test_an_empty_log_has_no_chart():
    for plan in (
        curves.loss_charts,
        curves.sigma_charts,
        curves.rate_charts,
        curves.evaluation_charts,
    ):
        assert plan({}) == []


def test_every_number_has_a_chart_with_a_line_for_each_run():
    logs = {
        "A": {"discriminator_loss": _curve(1), "score_real": _curve(2)},
        "B": {"discriminator_loss": _curve(3), "r1": _curve(4)},
    }
    charts = curves.overlaid(logs, curves.loss_charts)
    message = {
        chart.title: [(line.name, line.values.tolist()) for line in chart.lines]
        for chart in charts
    }
    assert message == {
        "Discriminator loss, by term": [("A", [1]), ("B", [3])],
        "Scores of the discriminator": [("A", [2]), ("B", [])],
        "r1": [("A", []), ("B", [4])],
    }
    assert len({chart.slug for chart in charts}) == 3


def test_lines_that_shared_a_chart_keep_their_names():
    log = {
        "score_real": _curve(2),
        "score_fake": _curve(3),
        "evaluation/pose_r2/x": _curve(4),
        "evaluation/pose_r2/yaw": _curve(5),
    }
    logs = {"A": log, "B": log}
    titles = [
        chart.title for chart in curves.overlaid(logs, curves.loss_charts)
    ]
    assert titles == ["score real", "score fake"]
    titles = [
        chart.title for chart in curves.overlaid(logs, curves.evaluation_charts)
    ]
    assert titles == ["pose r2: x", "pose r2: yaw"]


def test_the_largest_sigma_of_each_network_is_kept():
    log = {
        "sigma/generator/a/sigma": _curve(1, 5, 2),
        "sigma/generator/b/sigma": _curve(3, 4),
        "sigma/encoder/a/sigma": _curve(9),
        "reconstruction": _curve(99),
    }
    generator, encoder = curves.largest_sigmas(log)
    assert generator.lines[0].steps.tolist() == [0, 20, 40]
    assert generator.lines[0].values.tolist() == [3, 5, 2]
    assert encoder.title == "Largest sigma, encoder"
    assert encoder.lines[0].values.tolist() == [9]
