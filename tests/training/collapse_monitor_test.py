import json

import numpy as np
import pytest

from deepi2i_tf.metrics.collapse_signals import Watch
from deepi2i_tf.training.collapse_monitor import (
    COLLAPSE,
    HEALTHY,
    SILENT_STEPS,
    WARNING,
    WATCH,
    CollapseMonitor,
)

CLASSES = ("otter", "elk")
# As the records of the families have them; their test holds them to these.
HINGE = Watch(
    loss="discriminator_loss",
    charted=("discriminator_loss", "score_real", "score_fake", "gap"),
    scores_drift=False,
    remedies=("--r1", "--augment"),
)
CRITIC = Watch(
    loss="",
    charted=("gap",),
    scores_drift=True,
    remedies=("a higher --gradient_penalty",),
)
PROBE = {
    "sources": 0.9,
    "smallest_class": 0.85,
    "smallest_label": 1.0,
    "classes": 1.4,
    "z": 0.2,
    "contrast": 1.05,
    "edges": 1.1,
    "overfit": 0.3,
}


def losses(random, **changed):
    """A healthy row: reals and fakes 1 apart."""
    row = {
        "discriminator_loss": 1.2 + 0.1 * random.standard_normal(),
        "score_real": 0.5 + 0.1 * random.standard_normal(),
        "score_fake": -0.5 + 0.1 * random.standard_normal(),
    }
    return row | changed


class Run:
    """A run of rows every 20 steps and probes every 100."""

    def __init__(self, watch=HINGE, losses=losses):
        self.monitor = CollapseMonitor(CLASSES, watch)
        self.random = np.random.default_rng(0)
        self.losses = losses
        self.step = 0

    def rows(self, count, probe=PROBE, **changed):
        """So many rows more; returns the step of the first collapse, or 0."""
        first = 0
        for _ in range(count):
            self.step += 20
            if self.step % 100 == 0:
                self.monitor.see_probe(self.step, probe)
            self.monitor.see_row(
                self.step, self.losses(self.random, **changed), {"a": 2.0}
            )
            first = first or (self.monitor.collapse and self.step)
        return first

    @property
    def sentences(self):
        return {k: f.sentence for k, f in self.monitor.findings.items()}


@pytest.fixture
def run():
    made = Run()
    made.rows(60)
    assert made.monitor.worst == HEALTHY
    return made


def test_a_healthy_run_has_nothing_to_say_and_quiet_moments(run):
    run.rows(1000)
    assert run.monitor.worst == HEALTHY
    assert run.step - run.monitor.quiet_step < 500
    assert run.monitor.sentences(run.step) == []


def test_translations_that_became_alike_are_a_collapse_in_two_probes(run):
    told = run.rows(15, probe=PROBE | {"sources": 0.2, "smallest_class": 0.1})
    assert told == 1200 + 200
    assert run.monitor.worst == COLLAPSE
    assert run.monitor.collapse == (
        "translations of different sources became alike: 0.2 of the reals' "
        "variety, 0.9 before"
    )


def test_a_bad_probe_alone_is_none(run):
    assert not run.rows(5, probe=PROBE | {"sources": 0.2})
    assert not run.rows(50)
    assert run.monitor.worst == HEALTHY


@pytest.mark.parametrize(
    "name, value, bad",
    [
        ("contrast", 2.0, True),
        ("contrast", 1.8, False),
        ("contrast", 0.4, True),
        ("edges", 2.1, True),
        ("edges", 0.6, False),
    ],
)
def test_contrast_and_edges_have_a_range(run, name, value, bad):
    assert bool(run.rows(10, probe=PROBE | {name: value})) == bad
    assert (name in run.sentences) == bad


def test_too_few_probes_know_nothing_usual():
    begun = Run()
    assert not begun.rows(15, probe={"sources": 0.05, "contrast": 0.1})
    # They become better: never a collapse.
    assert not begun.rows(50, probe=PROBE)


def test_a_class_that_forgot_its_sources_is_named(run):
    run.rows(10, probe=PROBE | {"smallest_class": 0.1})
    assert run.monitor.worst == WARNING
    assert "translations into elk hardly depend" in run.monitor.sentences(
        run.step
    )[0].sentence  # fmt: skip


def test_a_discriminator_that_knows_its_images_by_heart(run):
    run.rows(10, probe=PROBE | {"overfit": 0.9})
    assert run.monitor.worst == WARNING
    assert "held-out ones score 90% of the way" in run.sentences["overfit"]
    run.rows(10, probe=PROBE | {"overfit": 2.5})
    assert "held-out ones score 100% of the way" in run.sentences["overfit"]


def test_a_discriminator_that_won_is_told_after_ten_rows(run):
    run.rows(9, discriminator_loss=0.01)
    assert "discriminator_loss" not in run.sentences
    run.rows(1, discriminator_loss=0.01)
    assert "try --r1" in run.sentences["discriminator_loss"]
    assert run.monitor.worst == WARNING


def test_a_dead_discriminator_is_a_collapse_after_six_rows_of_ten(run):
    assert run.rows(20, score_real=0.3, score_fake=0.3) == 1200 + 120
    assert "dead: it scores real and fake images" in run.sentences["gap"]


def test_a_dead_discriminator_may_have_noisy_rows(run):
    noise = [-0.01, 0.04, -0.02, -0.08, 0.31, -0.04, 0.03, 0.05, 0.27, -0.1]
    collapsed = [run.rows(1, score_real=gap, score_fake=0.0) for gap in noise]
    assert not any(collapsed[:5]) and all(collapsed[-2:])


class Critic:
    """Rows of a critic of WGAN-GP: the level of its scores is of no account.

    The sizes are those of StarGAN on Creatures (64 px, ch 16, batch 16).
    """

    def __init__(self):
        self.level = 5.0

    def __call__(self, random, gap=4.0, **changed):
        self.level += 0.5 * random.standard_normal()
        fake = self.level + 0.3 * random.standard_normal()
        row = {
            "critic_loss": -gap + 1.0,
            "score_real": fake + gap + 0.3 * random.standard_normal(),
            "score_fake": fake,
        }
        return row | changed


def test_scores_of_a_critic_drift_and_nothing_is_told():
    begun = Run(CRITIC, Critic())
    for _ in range(200):
        probe = _noisy(begun.random, PROBE)
        assert not begun.rows(5, probe=probe)
        assert begun.monitor.worst == HEALTHY
    assert begun.step - begun.monitor.quiet_step < 500
    # The rules of hinge scores would have spoken.
    other = Run(HINGE, Critic())
    found = set()
    for _ in range(200):
        other.rows(5, probe=_noisy(other.random, PROBE))
        found |= other.monitor.findings.keys()
    assert {"chart score_real", "chart score_fake"} <= found


def test_a_critic_has_no_end_of_its_loss_but_may_die():
    begun = Run(CRITIC, Critic())
    begun.rows(60)
    begun.rows(20, discriminator_loss=0.01, critic_loss=0.01)
    assert begun.monitor.worst == HEALTHY
    assert begun.rows(10, gap=0.2)
    assert "is dead: it scores" in begun.sentences["gap"]
    begun.rows(20, probe=PROBE | {"overfit": 0.9})
    assert begun.sentences["overfit"].endswith(
        "try a higher --gradient_penalty"
    )


def test_a_checkpoint_of_an_earlier_version_forgets_what_is_not_charted():
    earlier = Run(HINGE, Critic())
    earlier.rows(60)
    stored = json.loads(json.dumps(earlier.monitor.state()))
    assert "score_real" in stored["charts"]
    begun = Run(CRITIC, Critic())
    begun.monitor.restore(stored)
    assert set(begun.monitor.state()["charts"]) <= {
        "gap", "sigma_growth", "sources", "classes", "contrast", "edges",
    }  # fmt: skip


def test_a_gap_within_its_own_noise_is_no_reference():
    random = np.random.default_rng(0)
    begun = CollapseMonitor(CLASSES, HINGE)
    for step in range(20, 40_000, 20):
        row = losses(random, score_real=float(random.standard_normal()))
        row["score_fake"] = float(random.standard_normal())
        begun.see_row(step, row, {})
    assert begun.collapse == ""


def test_charts_of_scores_and_of_pictures_together_are_a_collapse():
    begun = Run()
    for _ in range(50):
        begun.rows(5, probe=_noisy(begun.random, PROBE))
    assert begun.monitor.worst == HEALTHY
    # Neither is bad by itself: both are far from where they were.
    changed = PROBE | {"edges": 0.7}
    assert begun.rows(20, probe=changed, discriminator_loss=3.0)
    assert begun.monitor.findings["charts"].state == COLLAPSE
    assert "discriminator_loss and edges both left" in begun.sentences["charts"]


def _noisy(random, probe):
    return {k: v + 0.02 * random.standard_normal() for k, v in probe.items()}


def test_one_chart_is_a_watch_of_500_steps(run):
    run.rows(4, discriminator_loss=3.0)
    assert run.monitor.worst == WATCH
    assert "discriminator_loss is 3, above its usual 1." in run.sentences[
        "chart discriminator_loss"
    ]  # fmt: skip
    run.rows(30)
    assert run.monitor.worst == HEALTHY


def test_evaluations_that_fall_far_below_the_best(run):
    monitor = CollapseMonitor([*CLASSES] * 4, HINGE)
    for rc, mfid, expected in [
        (0.2, 9.0, ""),
        (0.05, 8.0, ""),  # 0.2 is near the 1 in 8 of a guess.
        (0.9, 2.0, ""),
        (0.5, 3.9, ""),
        (0.44, 3.0, "RC fell to 0.44 from 0.9"),
        (0.8, 4.1, "mFID rose to 4.1 from 2"),
        (np.nan, np.nan, ""),
        (0.8, 2.5, ""),
    ]:
        monitor.see_evaluation({"rc": rc, "mfid": mfid})
        assert monitor.collapse == expected


def test_a_biggan_is_judged_by_z():
    begun = Run()
    probe = {k: PROBE[k] for k in ("z", "classes", "contrast", "edges")}
    begun.rows(60, probe=probe)
    assert begun.rows(10, probe=probe | {"z": 0.05}) == 1200 + 200
    assert "samples of a class became alike" in begun.monitor.collapse


def test_a_sentence_comes_once_in_a_thousand_steps(run):
    bad = PROBE | {"overfit": 0.9}
    run.rows(10, probe=bad)
    assert len(run.monitor.sentences(run.step)) == 1
    run.rows(10)
    run.rows(10, probe=bad)
    assert run.monitor.worst == WARNING
    assert run.monitor.sentences(run.step) == []
    run.rows(SILENT_STEPS // 20, probe=bad)
    assert len(run.monitor.sentences(run.step)) == 1


def test_rows_of_other_models_are_taken_as_they_are():
    monitor = CollapseMonitor((), HINGE)
    row = monitor.see_row(20, {"loss": 1.0}, {})
    assert row == {"monitor/state": 0.0, "monitor/chart": 0.0}
    assert np.isnan(monitor.usual_scores()).all()


def test_the_growth_of_sigma_is_that_of_the_mean_logarithm():
    monitor = CollapseMonitor(CLASSES, HINGE)
    assert "monitor/sigma_growth" not in monitor.see_row(1, {}, {"a": 1.0})
    row = monitor.see_row(2, {}, {"a": 2.0, "b": 2.0})
    assert row["monitor/sigma_growth"] == pytest.approx(np.log(2.0))


def test_it_goes_on_from_json_with_the_same_verdicts():
    one, other = Run(), Run()
    for probe, changed in [
        (PROBE, {}),
        (PROBE | {"overfit": 0.9}, {"discriminator_loss": 3.0}),
        (PROBE | {"sources": 0.2}, {"score_real": -0.5}),
    ]:
        for _ in range(20):
            one.rows(3, probe=probe, **changed)
            other.rows(3, probe=probe, **changed)
            one.monitor.sentences(one.step)
            other.monitor.sentences(other.step)
            stored = json.loads(json.dumps(other.monitor.state()))
            other.monitor.restore(stored)
            assert other.monitor.findings == one.monitor.findings
            assert other.monitor.state() == one.monitor.state()
    assert one.monitor.worst == COLLAPSE
    one.monitor.restore(None)
    assert one.monitor.state() == CollapseMonitor(CLASSES, HINGE).state()
