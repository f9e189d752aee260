"""Plans the charts of a run's `metrics.jsonl`, and of several runs'."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from deepi2i_tf.metrics import collapse_signals as signals
from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.metric_labels import HEADLINES, REAL, TRUTHS
from deepi2i_tf.reporting.plots.charts import Chart, Line
from deepi2i_tf.reporting.report_data import Curve
from deepi2i_tf.runs.layout import (
    EVALUATION,
    LEARNING_RATE,
    MEASURED,
    MONITOR,
    SIGMA,
    SPEED,
    STATE,
)

Log = Mapping[str, Curve]

SIGMA_ENDING = "/sigma"
_LABELS = {metric.key: metric.label for metric in (*HEADLINES, REAL, *TRUTHS)}
MOST_NAMED_SIGMAS = 4
MOST_OTHERS = 12
# Sigmas that spread this far apart stand on a logarithmic axis.
_WIDE = 30.0

LOSSES = (
    (
        "loss_discriminator",
        "Discriminator loss, by term",
        ("discriminator_loss", "discriminator_real", "discriminator_fake"),
        "Real and fake terms of about the same size are a fair fight; a loss "
        "near 0 means that the discriminator has won and teaches nothing.",
    ),
    (
        "loss_generator",
        "Generator loss, adversarial",
        ("generator_loss", "generator_adversarial"),
        "It wanders around a level while the two networks chase each other; "
        "its height says little, a steady climb says trouble.",
    ),
    (
        "loss_reconstruction",
        "Reconstruction",
        ("reconstruction",),
        "Distance of a translation from its own source in the "
        "discriminator's features, weighted. Falling is good.",
    ),
    (
        "loss_pose",
        "Losses of the pose",
        ("equivariance", "identity"),
        "Before their weights, over all rows. Equivariance by contrast begins "
        "near 1.6, a guess among 5 transforms. Falling is good; identity "
        "that stays up is pose, or detail, that gets lost.",
    ),
    (
        "scores",
        "Scores of the discriminator",
        ("score_real", "score_fake"),
        "Real images should score above fakes, by a gap that stays; a gap "
        "that opens for good is a generator left behind.",
    ),
)
EVALUATIONS = (
    (
        "metric_rc",
        "RC and FC",
        (names.RC, names.RC_CHANGED, names.RC_REAL, names.FC),
        "Shares between 0 and 1; higher is better.",
    ),
    ("metric_mfid", "mFID", (names.MFID,), "Lower is better."),
    ("metric_mkid", "mKID x 100", (names.MKID_X100,), "Lower is better."),
    (
        "metric_truth",
        "Nearness to the known right answer",
        tuple(metric.key for metric in TRUTHS),
        "1 is the truth itself; 0 is no better than any image of the class "
        "(kept), or than the source as it is (gained).",
    ),
)
MONITORS = (
    (
        "monitor_variety",
        "Variety of translations",
        (signals.SOURCES, signals.SMALLEST_CLASS, signals.CLASSES, signals.Z),
        "Differences of translations over those of real images: by source "
        "(and in the class where it is least), by class, by z. A fall by "
        "source is a translator that forgets what it translates.",
    ),
    (
        "monitor_look",
        "Contrast and edges",
        (signals.CONTRAST, signals.EDGES),
        "Over those of real images: 1 is as it should be.",
    ),
    (
        "monitor_overfit",
        "Overfitting of the discriminator",
        (signals.OVERFIT,),
        "0: held-out images score as training images do; 1: as fakes do.",
    ),
)


def monitor_charts(log: Log) -> list[Chart]:
    """What the monitor's probes measured."""
    found = below(log, MONITOR)
    charts = [_chart(found, *planned) for planned in MONITORS]
    return [chart for chart in charts if chart.lines]


def with_states(charts: Sequence[Chart], log: Log) -> list[Chart]:
    """The charts below a strip of the monitor's states, if any was not 0."""
    curve = log.get(STATE)
    if curve is None or not curve.values.any():
        return list(charts)
    states = Line("", curve.steps, curve.values)
    return [dataclasses.replace(chart, states=states) for chart in charts]


def loss_charts(log: Log) -> list[Chart]:
    """Losses and scores by term; terms that are not known stand alone."""
    charts = [_chart(log, *planned, smooth=True) for planned in LOSSES]
    known = {name for _, _, terms, _ in LOSSES for name in terms}
    others = [name for name in log if name not in known and "/" not in name]
    charts += [
        _chart(log, slug_of(f"loss_{name}"), _words(name), (name,), smooth=True)
        for name in others[:MOST_OTHERS]
    ]
    return [chart for chart in charts if chart.lines]


def sigma_charts(log: Log) -> list[Chart]:
    """One chart for each network; the sigmas that grew most are named."""
    charts = []
    for network, layers in _sigmas(log).items():
        order = sorted(layers, key=lambda name: -growth(layers[name]))
        named = order[:MOST_NAMED_SIGMAS]
        lines = [
            Line(name if name in named else "", curve.steps, curve.values)
            for name, curve in layers.items()
        ]
        values = np.concatenate([line.values for line in lines])
        wide = values.min() > 0 and values.max() > _WIDE * values.min()
        more = len(layers) - len(named)
        reading = f"The {len(named)} layers that grew most have names"
        reading += f", {more} more stay grey." if more else "."
        slug, title = slug_of(f"sigma_{network}"), f"Sigma, {network}"
        charts.append(Chart(slug, title, lines, reading, log=bool(wide)))
    return charts


def largest_sigmas(log: Log) -> list[Chart]:
    """A chart for each network with the largest of its sigmas."""
    charts = []
    for network, layers in _sigmas(log).items():
        curves = layers.values()
        steps = np.unique(np.concatenate([curve.steps for curve in curves]))
        largest = np.full(len(steps), -np.inf)
        for curve in curves:
            at = np.searchsorted(steps, curve.steps)
            largest[at] = np.maximum(largest[at], curve.values)
        slug, title = slug_of(f"sigma_{network}"), f"Largest sigma, {network}"
        charts.append(Chart(slug, title, [Line("largest", steps, largest)]))
    return charts


def _sigmas(log: Log) -> dict[str, dict[str, Curve]]:
    """The curves of the sigmas by network and layer."""
    networks: dict[str, dict[str, Curve]] = {}
    for path, curve in below(log, SIGMA).items():
        network, _, layer = path.removesuffix(SIGMA_ENDING).partition("/")
        networks.setdefault(network, {})[layer] = curve
    return networks


def rate_charts(log: Log) -> list[Chart]:
    """Learning rates and speed."""
    charts = []
    rates = below(log, LEARNING_RATE)
    if rates:
        lines = [Line(n, c.steps, c.values) for n, c in rates.items()]
        charts.append(Chart("learning_rates", "Learning rates", lines))
    for name, curve in below(log, SPEED).items():
        line = Line(_words(name), curve.steps, curve.values, smooth=True)
        charts.append(Chart(slug_of(f"speed_{name}"), _words(name), [line]))
    return charts


def measured_charts(log: Log) -> list[Chart]:
    """Metrics over steps, where several checkpoints have a report."""
    charts = evaluation_charts(log, MEASURED)
    return [
        dataclasses.replace(chart, slug=f"measured_{chart.slug}")
        for chart in charts
    ]


def evaluation_charts(log: Log, prefix: str = EVALUATION) -> list[Chart]:
    """Metrics over steps, where training measured them."""
    found = below(log, prefix)
    charts = [_chart(found, *planned) for planned in EVALUATIONS]
    known = {name for _, _, keys, _ in EVALUATIONS for name in keys}
    groups: dict[str, list[str]] = {}
    for name in found:
        if name not in known:
            groups.setdefault(name.partition("/")[0], []).append(name)
    for group, keys in groups.items():
        chart = _chart(found, slug_of(f"metric_{group}"), _words(group), keys)
        charts.append(dataclasses.replace(chart, subject=chart.title))
    return [chart for chart in charts if chart.lines]


def growth(curve: Curve) -> float:
    """How many times its first value a curve reached at its highest."""
    first = abs(curve.values[0]) or 1.0
    return float(np.abs(curve.values).max() / first)


def _chart(
    log: Log,
    slug: str,
    title: str,
    keys: Sequence[str],
    reading: str = "",
    smooth: bool = False,
) -> Chart:
    lines = [
        Line(_label(key), log[key].steps, log[key].values, smooth)
        for key in keys
        if key in log and len(log[key].values)
    ]
    return Chart(slug, title, lines, reading)


def _label(key: str) -> str:
    """A metric's name in the report, else the words of its key."""
    return _LABELS.get(key) or _words(key.rpartition("/")[2])


def below(log: Log, prefix: str) -> dict[str, Curve]:
    """Curves with values whose names begin with a prefix, without it."""
    return {
        name.removeprefix(prefix): curve
        for name, curve in log.items()
        if name.startswith(prefix) and len(curve.values)
    }


def _words(name: str) -> str:
    return name.replace("_", " ").replace("/", " ")


def slug_of(name: str) -> str:
    """A file name: small letters, digits and underscores."""
    kept = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
    return kept.lower()


def overlaid(
    logs: Mapping[str, Log], plan: Callable[[Log], list[Chart]]
) -> list[Chart]:
    """A chart for each number, with a line for each run that has it.

    Args:
        logs: the curves of each run, by its letter.
        plan: the charts of one run; each of their lines becomes a chart.

    Returns:
        Charts whose lines are named after the runs. A run without a number
        has an empty line, so that its colour is the same in every chart.
    """
    charts: dict[str, Chart] = {}
    lines: dict[str, dict[str, Line]] = {}
    for run, log in logs.items():
        for chart in plan(log):
            for line in chart.lines:
                slug = slug_of(f"{chart.slug}_{line.name}")
                charts.setdefault(slug, Chart(slug, _title(chart, line), ()))
                lines.setdefault(slug, {})[run] = Line(
                    run, line.steps, line.values, line.smooth
                )
    nothing = np.zeros(0)
    return [
        Chart(
            slug,
            chart.title,
            [lines[slug].get(r, Line(r, nothing, nothing)) for r in logs],
        )
        for slug, chart in charts.items()
    ]


def _title(chart: Chart, line: Line) -> str:
    if len(chart.lines) == 1:
        return chart.title
    return f"{chart.subject}: {line.name}" if chart.subject else line.name
