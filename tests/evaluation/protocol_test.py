"""Translators of known worth get the scores that they deserve."""

import dataclasses
import json
import os

import numpy as np
import pytest

from deepi2i_tf.errors import Refusal
from deepi2i_tf.evaluation import protocol
from deepi2i_tf.metrics.pose import POSE_COMPONENTS
from tests.evaluation import disc_set

CHANCE = 1 / len(disc_set.NAMES)


def _measure(evaluation, translate):
    return evaluation.measure(translate, dim_z=8)[0]


def test_the_judge_is_fit_to_judge(evaluation):
    scores = _measure(evaluation, disc_set.copying)
    assert scores["rc_real"] >= 0.95
    assert scores["pose_r2_real"]["x"] >= 0.8
    assert scores["pose_r2_real"]["y"] >= 0.8


def test_copying_has_chance_rc_and_the_regressors_own_r2(evaluation):
    scores = _measure(evaluation, disc_set.copying)
    # What the classifier takes a copy for does not depend on the target.
    assert scores["rc"] == pytest.approx(CHANCE)
    assert scores["rc_changed"] <= (1 - scores["rc_real"]) / 2 + 1e-9
    assert tuple(scores["pose_r2"]) == POSE_COMPONENTS
    # Targets times as many summands: rounding of float64 sums.
    assert scores["pose_r2"] == pytest.approx(scores["pose_r2_real"], abs=1e-9)
    for value in scores["pose_r2_to_reading"].values():
        assert value == pytest.approx(1.0)


def test_ignoring_the_class_has_chance_rc(evaluation):
    scores = _measure(evaluation, disc_set.class_ignoring)
    assert scores["rc"] == pytest.approx(CHANCE)


def test_redrawing_has_the_rc_of_real_images(evaluation):
    scores = _measure(evaluation, disc_set.redrawing)
    assert scores["rc"] == pytest.approx(scores["rc_real"], abs=0.05)
    assert scores["rc_changed"] == pytest.approx(scores["rc"], abs=0.05)
    for component in ("x", "y"):
        assert scores["pose_r2"][component] == pytest.approx(
            scores["pose_r2_real"][component], abs=0.1
        )


def test_forgetting_the_pose_has_no_r2(evaluation):
    def centred(images, z, labels):
        drawn = [disc_set.scene_image(label, 7) for label in labels]
        return np.stack(drawn).astype(np.float32) / 127.5 - 1.0

    scores = _measure(evaluation, centred)
    assert scores["rc"] in (0.0, *np.arange(1, 4) / 3)
    assert max(scores["pose_r2"].values()) <= 0.0


def test_writes_the_report_and_uses_the_kept_judge(
    prepared, evaluation, judge_dir, tmp_path
):
    options = protocol.EvaluationOptions(
        num_images=1000, recipe=disc_set.RECIPE
    )
    said = []
    scores = protocol.evaluate(
        disc_set.copying,
        8,
        prepared,
        str(tmp_path),
        options,
        origin={"step": 7, "weights": "averaged"},
        judge_dir=judge_dir,
        say=said.append,
    )
    assert "taken from" in said[0]
    assert sorted(os.listdir(tmp_path)) == [
        "metrics.json",
        "per_class.csv",
        "translations.png",
    ]
    written = json.loads((tmp_path / "metrics.json").read_text())
    assert written["rc"] == scores["rc"]
    assert written["protocol"]["num_sources"] == disc_set.SIZES["test"]
    assert written["protocol"]["num_sources_asked"] == 1000
    assert written["protocol"]["step"] == 7
    assert list(written["per_class"]) == list(disc_set.NAMES)


def test_a_set_without_poses_has_no_pose_metrics(tmp_path):
    prepared = disc_set.write_set(tmp_path / "data", pose=False, train=60)
    recipe = dataclasses.replace(disc_set.RECIPE, classifier_steps=5)
    scores = protocol.evaluate(
        disc_set.copying,
        8,
        prepared,
        str(tmp_path / "report"),
        protocol.EvaluationOptions(num_images=7, recipe=recipe),
    )
    assert set(scores) == {
        "rc",
        "rc_changed",
        "rc_real",
        "per_class",
        "protocol",
    }
    assert os.listdir(tmp_path / "report" / "judge")


def test_translations_that_are_no_numbers_are_refused(evaluation):
    with pytest.raises(Refusal, match="NaN or infinity"):
        _measure(evaluation, lambda images, z, labels: images * np.nan)
