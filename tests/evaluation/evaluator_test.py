"""Translators of known worth get the scores that they deserve."""

import dataclasses

import numpy as np
import pytest

from deepi2i_tf.evaluation.evaluator import Evaluation
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.metrics.pose import POSE_COMPONENTS
from deepi2i_tf.utils.errors import UserError
from tests.evaluation import disc_set

CHANCE = 1 / len(disc_set.NAMES)


@pytest.fixture
def measure(evaluation, tmp_path):
    return lambda translations: (
        disc_set.measure(evaluation, translations, tmp_path / "work").scores
    )


@pytest.fixture(scope="module")
def copying_scores(evaluation, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copying")
    return disc_set.measure(evaluation, disc_set.copying, folder).scores


def test_the_reference_models_are_fit_to_measure(copying_scores):
    assert copying_scores["rc_real"] >= 0.95
    assert copying_scores["pose_r2_real"]["x"] >= 0.8
    assert copying_scores["pose_r2_real"]["y"] >= 0.8


def test_copying_has_chance_rc_and_the_regressors_own_r2(copying_scores):
    scores = copying_scores
    # What the classifier takes a copy for does not depend on the target.
    assert scores["rc"] == pytest.approx(CHANCE)
    assert scores["rc_changed"] <= (1 - scores["rc_real"]) / 2 + 1e-9
    assert tuple(scores["pose_r2"]) == POSE_COMPONENTS
    # Targets times as many summands: rounding of float64 sums.
    assert scores["pose_r2"] == pytest.approx(scores["pose_r2_real"], abs=1e-9)
    for value in scores["pose_r2_to_reading"].values():
        assert value == pytest.approx(1.0)


def test_ignoring_the_class_has_chance_rc(measure):
    assert measure(disc_set.class_ignoring)["rc"] == pytest.approx(CHANCE)


def test_redrawing_has_the_rc_of_real_images(measure, copying_scores):
    scores = measure(disc_set.redrawing)
    assert scores["rc"] == pytest.approx(scores["rc_real"], abs=0.05)
    assert scores["rc_changed"] == pytest.approx(scores["rc"], abs=0.05)
    for component in ("x", "y"):
        assert scores["pose_r2"][component] == pytest.approx(
            scores["pose_r2_real"][component], abs=0.1
        )
    assert scores["mfid"] < 0.1 * copying_scores["mfid"]
    assert scores["mkid_x100"] < 0.1 * copying_scores["mkid_x100"]


def test_forgetting_the_pose_has_no_r2(measure):
    def centred(images, z, labels):
        drawn = [disc_set.scene_image(label, 7) for label in labels]
        return np.stack(drawn).astype(np.float32) / 127.5 - 1.0

    scores = measure(centred)
    assert scores["rc"] in (0.0, *np.arange(1, 4) / 3)
    assert max(scores["pose_r2"].values()) <= 0.0


def test_the_real_images_themselves_have_no_distance(measure, copying_scores):
    scores = measure(disc_set.RealTranslations())
    assert scores["features"] == "domain"
    # Rounding of sums that reach the hundreds.
    assert scores["mfid"] == pytest.approx(0.0, abs=1e-9)
    # An image is never paired with itself on one side only, so a set is a
    # little below 0 from itself, by the spread of its kernel over 100 images.
    far = copying_scores["mkid_x100"]
    assert -0.05 * far < scores["mkid_x100"] <= 0.0
    for row in scores["per_class"].values():
        assert row["num_translations"] == row["num_reals"] == 100
        assert row["fid"] == pytest.approx(0.0, abs=1e-9)


def test_the_order_of_images_does_not_matter(evaluation, tmp_path):
    forth, back = (
        disc_set.measure(
            evaluation, disc_set.RealTranslations(60, step), tmp_path / way
        ).scores
        for way, step in (("forth", 1), ("back", -1))
    )
    assert forth["rc"] == back["rc"] > 0.9
    # Batches hold other images, and a network sums float32 in batches.
    assert forth["mfid"] == pytest.approx(back["mfid"], rel=1e-5)
    assert forth["mkid_x100"] == pytest.approx(back["mkid_x100"], rel=1e-4)
    assert forth["mfid"] > 1e-3


def test_real_images_as_translations_teach_fc_what_rc_learned(
    data, reference_dir, tmp_path
):
    options = dataclasses.replace(disc_set.OPTIONS, fc=True, reals_per_class=10)
    evaluation = Evaluation(data, options, reference_dir, str(tmp_path))
    evaluation.train()
    real = disc_set.measure(
        evaluation, disc_set.RealTranslations(), tmp_path / "real"
    ).scores
    assert real["fc"] == pytest.approx(real["rc_real"], abs=0.05)
    assert real["protocol"]["reals_per_class"] == 10
    assert "300 translations" in real["protocol"]["fc"]
    copied = disc_set.measure(
        evaluation, disc_set.copying, tmp_path / "copied"
    ).scores
    assert copied["fc"] < 0.7


def test_a_set_without_poses_has_no_pose_metrics(tmp_path):
    small = disc_set.write_set(tmp_path / "data", pose=False, train=60)
    recipe = dataclasses.replace(disc_set.RECIPE, classifier_steps=5)
    options = dataclasses.replace(
        disc_set.OPTIONS, num_images=7, reference=recipe
    )
    evaluation = Evaluation(
        prepared_set(small),
        options,
        str(tmp_path / "j"),
        str(tmp_path),
    )
    evaluation.train()
    scores = disc_set.measure(evaluation, disc_set.copying, tmp_path / "w")
    assert set(scores.scores) == {
        "rc",
        "rc_changed",
        "rc_real",
        "mfid",
        "mkid_x100",
        "features",
        "per_class",
        "protocol",
    }


def test_too_few_images_leave_distances_out_and_say_so(
    data, reference_dir, tmp_path
):
    options = dataclasses.replace(disc_set.OPTIONS, reals_per_class=1)
    evaluation = Evaluation(data, options, reference_dir, str(tmp_path))
    translations = disc_set.RealTranslations(3)
    lack = evaluation.lack(translations)
    assert "fewer of 3 out of 3: amber (1), blue (1), green (1). Raise" in lack
    assert "--reals_per_class; RC is measured" in lack
    evaluation.train()
    scores = disc_set.measure(evaluation, translations, tmp_path / "work")
    assert "mfid" not in scores.scores and "rc" in scores.scores
    assert "reals_split" not in scores.scores["protocol"]


class _FewBlue(disc_set.RealTranslations):
    """Translations of which one class has but one."""

    def __init__(self):
        super().__init__(20)
        self.of_class[1] = self.of_class[1][:1]


def test_distances_leave_out_classes_that_are_too_small(evaluation, tmp_path):
    few = _FewBlue()
    assert evaluation.without_distances(few) == [1]
    assert evaluation.lack(few) == (
        "Expected at least 2 translations of every class for mFID and mKID. "
        "Received: fewer of 1 out of 3: blue (1). Draw more; RC is measured "
        "all the same."
    )
    scores = disc_set.measure(evaluation, few, tmp_path / "few").scores
    whole = disc_set.RealTranslations(20)
    expected = disc_set.measure(evaluation, whole, tmp_path / "whole").scores
    assert evaluation.lack(whole) == ""
    assert scores["protocol"]["without_distances"] == "blue"
    assert "without_distances" not in expected["protocol"]
    rows = scores["per_class"]
    assert "fid" not in rows["blue"] and rows["blue"]["num_translations"] == 1
    for name in ("amber", "green"):
        assert rows[name] == expected["per_class"][name]
    fids = [rows[name]["fid"] for name in ("amber", "green")]
    assert scores["mfid"] == pytest.approx(np.mean(fids))


def test_sources_of_other_classes_have_no_label(
    evaluation, tmp_path, monkeypatch
):
    monkeypatch.setattr(disc_set, "NAMES", ("violet", "blue", "green"))
    other = prepared_set(disc_set.write_set(tmp_path, train=3))
    sources, class_names = evaluation.read_sources(other)
    assert class_names[:3] == ["violet", "blue", "green"]
    assert sources.labels[:6].tolist() == [-1, 1, 2, -1, 1, 2]


def test_a_source_has_the_label_of_its_class_in_whatever_form(
    evaluation, tmp_path, monkeypatch
):
    data = dataclasses.replace(evaluation.data, class_names=("a", "b", "é"))
    monkeypatch.setattr(evaluation, "data", data)
    monkeypatch.setattr(disc_set, "NAMES", ("a", "c", "e\u0301"))
    other = prepared_set(disc_set.write_set(tmp_path, train=3))
    sources, _ = evaluation.read_sources(other)
    assert sources.labels[:3].tolist() == [0, -1, 2]


def test_translations_that_are_no_numbers_are_refused(measure):
    with pytest.raises(UserError, match="NaN or infinity"):
        measure(lambda images, z, labels: images * np.nan)
