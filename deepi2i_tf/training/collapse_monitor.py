"""Says when a training collapses, and by what.

Everything it knows comes from finished rows of numbers: the losses of every
log row, the probes (training/probe.py) and the evaluations. It looks at no
clock and draws nothing, so that a resumed run comes to the same verdicts.

    watch     the control chart of a number fired within 500 steps
    warning   a loss of the discriminator below .05 in 10 rows; overfit above
              .8, or one class' translations less than .3 as varied as usual,
              in 2 probes running
    collapse  scores of reals and fakes less than a tenth as far apart as
              usual in 10 rows; translations of different sources less than
              half as varied as usual, or contrast or edges below half or
              above 1.8 of the usual, in 2 probes running; RC below half of
              its best or mFID above twice; charts of scores and of pictures
              within 500 steps

Which losses and scores there are, and which keep a level, a family's record
says (`Watch`): a critic's loss has no end, and its scores drift. Usual is the
median of the last 10 probes that were not bad, and where it is on the safe side
of what real images have, that. A loss that is not a number is refused elsewhere
(models/step_function.py).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from deepi2i_tf.metrics import names
from deepi2i_tf.metrics.collapse_signals import (
    CLASSES,
    CONTRAST,
    EDGES,
    FAKE,
    GAP,
    OVERFIT,
    REAL,
    SMALLEST_CLASS,
    SMALLEST_LABEL,
    SOURCES,
    Watch,
    Z,
)
from deepi2i_tf.metrics.control_chart import ControlChart
from deepi2i_tf.runs.layout import MONITOR, STATE

HEALTHY, WATCH, WARNING, COLLAPSE = range(4)

GROWTH = "sigma_growth"
CHART = "chart"
PICTURE_CHARTS = (SOURCES, CLASSES, CONTRAST, EDGES)

ALARM_STEPS = 500
# A sentence that was said comes again after so many steps at the earliest.
SILENT_STEPS = 1000
ROWS, PROBES = 10, 2
SCORE_ROWS = 5
USUAL_PROBES = 10
FEWEST_PROBES = 3


class Finding(NamedTuple):
    """Something that is wrong: its state and a sentence."""

    state: int
    sentence: str


class CollapseMonitor:
    """Watches the numbers of a run.

    Args:
        class_names: names of the classes by label.
        watch: what the losses of the model show.

    Attributes:
        findings: what is wrong now, by kind.
        quiet_step: the last row at which every chart's sums were 0 and nothing
            worse than watch was found; 0 before the first.
    """

    def __init__(self, class_names: Sequence[str], watch: Watch) -> None:
        self._class_names = class_names
        self._watch = watch
        self._charted = (*watch.charted, GROWTH)
        self.restore(None)

    def restore(self, state: Mapping[str, Any] | None) -> None:
        """Goes on from what a checkpoint knew; None begins anew."""
        state = state or {}
        self._charts = {
            name: ControlChart.from_state(chart)
            for name, chart in state.get("charts", {}).items()
            # Earlier versions charted the scores of every family.
            if name in (*self._charted, *PICTURE_CHARTS)
        }
        self._alarms: dict[str, int] = dict(state.get("alarms", {}))
        self._running: dict[str, int] = dict(state.get("running", {}))
        self._probes: list[dict] = list(state.get("probes", []))
        self._best: dict[str, float] = dict(state.get("best", {}))
        self._said: dict[str, int] = dict(state.get("said", {}))
        self._scores: dict[str, list[float]] = {
            name: list(scores)
            for name, scores in state.get("scores", {}).items()
        }
        self._sigma: float | None = state.get("sigma")
        self.quiet_step: int = state.get("quiet_step", 0)
        self.findings: dict[str, Finding] = {
            kind: Finding(*finding)
            for kind, finding in state.get("findings", {}).items()
        }

    def state(self) -> dict[str, Any]:
        """All that it knows, as plain values; the inverse of `restore`."""
        return {
            "charts": {name: c.state() for name, c in self._charts.items()},
            "alarms": dict(self._alarms),
            "running": dict(self._running),
            "probes": list(self._probes),
            "best": dict(self._best),
            "said": dict(self._said),
            "scores": {name: list(s) for name, s in self._scores.items()},
            "sigma": self._sigma,
            "quiet_step": self.quiet_step,
            "findings": {k: list(f) for k, f in self.findings.items()},
        }

    @property
    def worst(self) -> int:
        """The state of the worst finding."""
        return max((f.state for f in self.findings.values()), default=HEALTHY)

    @property
    def collapse(self) -> str:
        """The sentence of a collapse; empty where there is none."""
        for finding in self.findings.values():
            if finding.state == COLLAPSE:
                return finding.sentence
        return ""

    def see_row(
        self,
        step: int,
        losses: Mapping[str, float],
        sigmas: Mapping[str, float],
    ) -> dict[str, float]:
        """Takes the numbers of a finished step.

        Returns:
            What goes into the row: the state, the largest sum of all charts
            and the numbers that only the monitor computes.
        """
        row = {name: losses[name] for name in (self._watch.loss, REAL, FAKE)
               if name in losses}  # fmt: skip
        own = {}
        if REAL in row and FAKE in row:
            own[GAP] = row[REAL] - row[FAKE]
            for name, value, most in (
                (REAL, row[REAL], SCORE_ROWS),
                (FAKE, row[FAKE], SCORE_ROWS),
                (GAP, own[GAP], ROWS),
            ):
                last = self._scores.get(name, [])[-most + 1 :]
                self._scores[name] = [*last, value]
        own |= self._sigma_growth(sigmas)
        seen = row | own
        self._chart(step, {n: seen[n] for n in self._charted if n in seen})
        self._judge_loss(row)
        self._judge_gap()
        self._judge_charts(step)
        sums = [chart.largest_sum for chart in self._charts.values()]
        own[CHART] = max(sums, default=0.0)
        if own[CHART] == 0.0 and self.worst <= WATCH:
            self.quiet_step = step
        own = {MONITOR + name: value for name, value in own.items()}
        return {STATE: float(self.worst), **own}

    def see_probe(self, step: int, signals: Mapping[str, float]) -> None:
        """Takes the signals of a probe (`metrics.collapse_signals`)."""
        self._chart(step, {n: signals[n] for n in PICTURE_CHARTS
                           if n in signals})  # fmt: skip
        bad = self._bad_signals(signals)
        for kind in (SOURCES, Z, CONTRAST, EDGES, SMALLEST_CLASS, OVERFIT):
            state = WARNING if kind in (SMALLEST_CLASS, OVERFIT) else COLLAPSE
            self._found(kind, state, bad.get(kind, ""), PROBES)
        if not bad:
            self._probes = [*self._probes[-USUAL_PROBES + 1 :], dict(signals)]
        self._judge_charts(step)

    def see_evaluation(self, results: Mapping[str, float]) -> None:
        """Takes the numbers of an evaluation, by `metrics.names`."""
        rc, mfid = (results.get(n, math.nan) for n in (names.RC, names.MFID))
        best = self._best.get(names.RC, rc)
        message = ""
        # Near the rate of a guess, half of it is chance.
        if rc < best / 2.0 and best > 2.0 / max(1, len(self._class_names)):
            message = f"RC fell to {rc:.3g} from {best:.3g}"
        self._found(names.RC, COLLAPSE, message, 1)
        least = self._best.get(names.MFID, mfid)
        message = ""
        if mfid > 2.0 * least:
            message = f"mFID rose to {mfid:.4g} from {least:.4g}"
        self._found(names.MFID, COLLAPSE, message, 1)
        for name, value in ((names.RC, max(rc, best)),
                            (names.MFID, min(mfid, least))):  # fmt: skip
            if math.isfinite(value):
                self._best[name] = value

    def usual_scores(self) -> tuple[float, float]:
        """Mean scores of reals and fakes over the last rows, NaN for none."""
        means = []
        for name in (REAL, FAKE):
            scores = self._scores.get(name, [])
            means.append(float(np.mean(scores)) if scores else math.nan)
        return tuple(means)

    def sentences(self, step: int) -> list[Finding]:
        """What is to be said after this step: every finding once."""
        new = []
        for kind, finding in self.findings.items():
            key = f"{finding.state} {kind}"
            said = self._said.get(key)
            if said is None or step - said >= SILENT_STEPS:
                new.append(finding)
                self._said[key] = step
        return new

    def _sigma_growth(self, sigmas: Mapping[str, float]) -> dict[str, float]:
        """How much the logarithms of all sigmas grew since the last row."""
        positive = [value for value in sigmas.values() if value > 0.0]
        if not positive:
            return {}
        before, self._sigma = self._sigma, float(np.mean(np.log(positive)))
        return {} if before is None else {GROWTH: self._sigma - before}

    def _chart(self, step: int, values: Mapping[str, float]) -> None:
        for name, value in values.items():
            chart = self._charts.setdefault(name, ControlChart())
            if alarm := chart.update(value):
                self._alarms[name] = step
                way = "above" if alarm > 0 else "below"
                self.findings[f"chart {name}"] = Finding(
                    WATCH, f"{name} is {value:.3g}, {way} its usual "
                    f"{chart.level:.3g}"
                )  # fmt: skip

    def _judge_charts(self, step: int) -> None:
        """Alarms grow old; of scores and pictures together they are more."""
        self._alarms = {
            name: alarm
            for name, alarm in self._alarms.items()
            if step - alarm < ALARM_STEPS
        }
        for kind in list(self.findings):
            prefix, _, name = kind.partition(" ")
            if prefix == "chart" and name not in self._alarms:
                del self.findings[kind]
        score = [name for name in self._watch.charted if name in self._alarms]
        picture = [name for name in PICTURE_CHARTS if name in self._alarms]
        message = ""
        if score and picture:
            message = (
                f"{score[0]} and {picture[0]} both left their levels within "
                f"{ALARM_STEPS} steps"
            )
        self._found("charts", COLLAPSE, message, 1)

    def _judge_loss(self, row: Mapping[str, float]) -> None:
        loss = self._watch.loss
        if loss in row:
            message = ""
            if row[loss] < 0.05:
                message = (
                    "the discriminator has won (its loss stayed below 0.05) "
                    "and teaches the generator nothing; try "
                    + " or ".join(self._watch.remedies)
                )
            self._found(loss, WARNING, message, ROWS)

    def _judge_gap(self) -> None:
        chart, gaps = self._charts.get(GAP), self._scores.get(GAP, [])
        if len(gaps) < ROWS or chart.level is None:
            return
        # Of a usual gap within its own noise a tenth says nothing.
        known = chart.level > chart.spread
        # One row of a dead discriminator is as noisy as of a living one.
        gap = float(np.median(gaps))
        message = ""
        if known and gap < 0.1 * chart.level:
            message = (
                "the discriminator is dead: it scores real and fake images "
                f"{gap:.3g} apart, {chart.level:.3g} before"
            )
        self._found(GAP, COLLAPSE, message, 1)

    def _bad_signals(self, signals: Mapping[str, float]) -> dict[str, str]:
        """A sentence for every signal that is bad in this probe."""
        bad = {}
        if signals.get(OVERFIT, 0.0) > 0.8:
            bad[OVERFIT] = (
                "the discriminator knows the training images by heart: "
                f"held-out ones score {min(signals[OVERFIT], 1.0):.0%} of the "
                "way towards fakes; try " + " or ".join(self._watch.remedies)
            )
        usual = self._usual(SMALLEST_CLASS)
        if usual and signals.get(SMALLEST_CLASS, 1.0) < 0.3 * min(usual, 1.0):
            name = self._class_names[int(signals[SMALLEST_LABEL])]
            bad[SMALLEST_CLASS] = (
                f"translations into {name} hardly depend on their sources: "
                f"{signals[SMALLEST_CLASS]:.3g} of the sources' variety"
            )
        for name in (CONTRAST, EDGES):
            usual = self._usual(name)
            if usual is None or name not in signals:
                continue
            least, most = 0.5 * min(usual, 1.0), 1.8 * max(usual, 1.0)
            if not least <= signals[name] <= most:
                bad[name] = f"the translations' {name} is {signals[name]:.3g}"
                bad[name] += f" of the reals', {usual:.3g} before"
        return bad | self._alike(signals)

    def _alike(self, signals: Mapping[str, float]) -> dict[str, str]:
        """A sentence where nothing but the class makes a difference."""
        name, what = SOURCES, "translations of different sources became alike"
        if SOURCES not in signals:  # A BigGAN's samples can only differ by z.
            name, what = Z, "samples of a class became alike"
        usual = self._usual(name)
        if usual is None or name not in signals:
            return {}
        if signals[name] >= 0.5 * min(usual, 1.0):
            return {}
        variety = f"{signals[name]:.3g} of the reals' variety"
        return {name: f"{what}: {variety}, {usual:.3g} before"}

    def _usual(self, name: str) -> float | None:
        """The median of the last probes; None while there are too few."""
        values = [probe[name] for probe in self._probes if name in probe]
        if len(values) < FEWEST_PROBES:
            return None
        return float(np.median(values))

    def _found(self, kind: str, state: int, message: str, needed: int) -> None:
        """Notes whether something is wrong; it counts when it lasts."""
        running = self._running.get(kind, 0) + 1 if message else 0
        self._running[kind] = running
        if running >= needed:
            self.findings[kind] = Finding(state, message)
        else:
            self.findings.pop(kind, None)
