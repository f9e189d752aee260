import numpy as np

from deepi2i_tf.reporting.compare.curves import largest_sigmas, overlaid
from deepi2i_tf.reporting.plots.curves import evaluation_charts, loss_charts
from deepi2i_tf.reporting.report_files import Curve


def _curve(*values, every=20):
    steps = np.arange(1, len(values) + 1) * every
    return Curve(steps, np.array(values, np.float64))


def test_every_number_has_a_chart_with_a_line_for_each_run():
    logs = {
        "A": {"discriminator_loss": _curve(1), "score_real": _curve(2)},
        "B": {"discriminator_loss": _curve(3), "r1": _curve(4)},
    }
    charts = overlaid(logs, loss_charts)
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
    titles = [chart.title for chart in overlaid(logs, loss_charts)]
    assert titles == ["score real", "score fake"]
    titles = [chart.title for chart in overlaid(logs, evaluation_charts)]
    assert titles == ["pose r2: x", "pose r2: yaw"]


def test_the_largest_sigma_of_each_network_is_kept():
    log = {
        "sigma/generator/a/sigma": _curve(1, 5, 2),
        "sigma/generator/b/sigma": _curve(3, 4),
        "sigma/encoder/a/sigma": _curve(9),
        "reconstruction": _curve(99),
    }
    generator, encoder = largest_sigmas(log)
    assert generator.lines[0].steps.tolist() == [20, 40, 60]
    assert generator.lines[0].values.tolist() == [3, 5, 2]
    assert encoder.title == "Largest sigma, encoder"
    assert encoder.lines[0].values.tolist() == [9]
