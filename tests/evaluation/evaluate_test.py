"""Whole evaluations, undisturbed and killed."""

import dataclasses
import json
import os
import signal
import sys

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.data import find_prepared
from deepi2i_tf.evaluation.evaluate import evaluate, evaluate_folder
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.images.image_folder import read_image_folder
from deepi2i_tf.evaluation.images.labelled_images import prepared_set
from deepi2i_tf.utils.errors import UserError
from tests import processes
from tests.evaluation import disc_set

OPTIONS = dataclasses.replace(
    disc_set.OPTIONS,
    diversity_sources=3,
    diversity_z=2,
    fc=True,
    reals_per_class=40,
    # One batch is enough to be in the middle.
    reference=dataclasses.replace(disc_set.RECIPE, classifier_steps=20),
)
FILES = ["metrics.json", "per_class.csv", "pictures.npz", "translations.png"]


def noisy(images, z, labels):
    return np.clip(images + 0.2 * z[:, :3][:, None, None], -1, 1)


def between(first, second, amount):
    return ((1 - amount) * first + amount * second).astype(np.float32)


def model(stop_at=None, stop=None, identity="weights"):
    """A translator that stops at one of its calls: 4 for each class.

    The call before those is the one that looks for broken weights.
    """
    calls = []

    def translate(images, z, labels):
        calls.append(len(images))
        if len(calls) - 2 == stop_at:
            stop()
        return noisy(images, z, labels)

    return EvaluatedModel(
        translate,
        dim_z=4,
        origin={"step": 7},
        identity=identity,
        interpolate_classes=lambda images, z, first, second, amount: images,
        interpolate_z=between,
    )


def _interrupt():
    raise KeyboardInterrupt


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return str(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module")
def undisturbed(data, kept, tmp_path_factory):
    output = tmp_path_factory.mktemp("report")
    scores = evaluate(model(), data, str(output), OPTIONS, kept)
    return output, scores


def _assert_same_report(output, expected):
    assert sorted(os.listdir(output)) == FILES
    for name in FILES:
        assert (output / name).read_bytes() == (expected / name).read_bytes()


def test_writes_every_file_and_nothing_else(undisturbed):
    output, scores = undisturbed
    assert sorted(os.listdir(output)) == FILES
    written = json.loads((output / "metrics.json").read_text())
    assert written["rc"] == scores["rc"]
    assert set(written) == {
        *("rc", "rc_changed", "rc_real", "fc", "mfid", "mkid_x100"),
        *("diversity", "pose_r2", "pose_r2_to_reading", "pose_r2_real"),
        "pose_slope",
        *("features", "per_class", "protocol"),
    }
    assert written["protocol"]["step"] == 7
    assert list(written["per_class"]) == list(disc_set.NAMES)
    with np.load(output / "pictures.npz") as pictures:
        assert {"class_strips", "z_strips", "grid"} <= set(pictures.files)


def test_ctrl_c_keeps_finished_classes_and_says_so(
    data, kept, undisturbed, tmp_path, capsys
):
    with pytest.raises(KeyboardInterrupt):
        evaluate(model(9, _interrupt), data, str(tmp_path), OPTIONS, kept)
    last = capsys.readouterr().out.splitlines()[-1]
    assert f"{tmp_path}/.work" in last and "same command goes on" in last
    evaluate(model(), data, str(tmp_path), OPTIONS, kept)
    said = capsys.readouterr().out.splitlines()
    assert "evaluate: 2 classes were done before" in said
    _assert_same_report(tmp_path, undisturbed[0])


def test_a_killed_evaluation_ends_with_the_same_numbers(
    prepared, data, kept, undisturbed, tmp_path, capsys
):
    data_dir = prepared.path.rsplit("/discs/", 1)[0]
    done = processes.run(__name__, data_dir, tmp_path, kept)
    assert done.code == -signal.SIGKILL, done.err
    assert os.path.exists(tmp_path / ".work" / "class-0000.npz")
    assert not os.path.exists(tmp_path / ".work" / "class-0001.npz")
    evaluate(model(), data, str(tmp_path), OPTIONS, kept)
    said = capsys.readouterr().out.splitlines()
    assert "evaluate: 1 classes were done before" in said
    _assert_same_report(tmp_path, undisturbed[0])


def test_unfinished_work_of_other_weights_is_not_taken(
    data, kept, tmp_path, capsys
):
    output = str(tmp_path)
    options = dataclasses.replace(OPTIONS, fc=False)
    with pytest.raises(KeyboardInterrupt):
        evaluate(model(9, _interrupt), data, output, options, kept)
    others = model(0, _interrupt, identity="others")
    with pytest.raises(KeyboardInterrupt):
        evaluate(others, data, output, options, kept)
    assert "were done before" not in capsys.readouterr().out


def test_sources_may_be_of_classes_that_were_never_seen(
    data, kept, tmp_path, monkeypatch
):
    monkeypatch.setattr(disc_set, "NAMES", ("violet", "blue", "pink"))
    others = prepared_set(disc_set.write_set(tmp_path / "data", train=3))
    options = dataclasses.replace(OPTIONS, fc=False)
    scores = evaluate(model(), data, str(tmp_path / "r"), options, kept, others)
    assert scores["protocol"]["source_data"] == others.path
    with np.load(tmp_path / "r" / "pictures.npz") as pictures:
        assert pictures["source_labels"].tolist() == [-1, 1, -1, -1]


def test_one_source_is_measured_without_distances(data, kept, tmp_path, capsys):
    options = dataclasses.replace(OPTIONS, num_images=1, fc=False)
    scores = evaluate(model(), data, str(tmp_path), options, kept)
    assert "rc" in scores and not {"mfid", "diversity"} & set(scores)
    said = capsys.readouterr().out
    assert "evaluate: Expected at least 2 translations of every" in said
    assert "raise --num_images or --num_z; RC is measured" in said
    options = dataclasses.replace(options, num_z=2)
    assert "mfid" in evaluate(model(), data, str(tmp_path), options, kept)


def test_broken_weights_are_refused_before_anything_is_trained(data, tmp_path):
    broken = EvaluatedModel(lambda images, z, labels: images * np.nan, 4)
    with pytest.raises(UserError, match="NaN or infinity"):
        evaluate(broken, data, str(tmp_path), OPTIONS)
    assert not (tmp_path / "judge").exists()


@pytest.mark.parametrize("side", ["data", "sources"])
def test_a_set_without_test_images_is_refused_before_anything_is_trained(
    data, tmp_path, side
):
    empty = dataclasses.replace(
        data, read=lambda split: data.read(split) if split == "train" else ()
    )
    sets = (empty, data) if side == "data" else (data, empty)
    with pytest.raises(UserError, match="images in split test"):
        evaluate(model(), sets[0], str(tmp_path), OPTIONS, "", sets[1])
    assert not (tmp_path / "judge").exists()


def _write_folder(root, first, count):
    for index in range(first, first + count):
        label = disc_set.label_of(index)
        path = root / disc_set.NAMES[label] / f"{index:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(disc_set.scene_image(label, index)).save(path)
    return read_image_folder(str(root), "--reals")


def test_images_of_any_program_are_measured(tmp_path):
    reals = _write_folder(tmp_path / "reals", 0, 120)
    perfect = _write_folder(tmp_path / "perfect", 500, 60)
    scores = evaluate_folder(
        perfect,
        reals,
        str(tmp_path / "report"),
        dataclasses.replace(OPTIONS, reference=disc_set.RECIPE),
    )
    assert scores["rc"] >= 0.9 and scores["rc_real"] >= 0.9
    assert scores["fc"] >= 0.8
    assert scores["protocol"]["data"] == str(tmp_path / "reals")
    assert scores["protocol"]["translations"] == str(tmp_path / "perfect")
    assert scores["protocol"]["translations_per_class"] == 20
    assert scores["protocol"]["reals_per_class"] == 36
    assert not {"rc_changed", "diversity", "pose_r2"} & set(scores)
    assert sorted(os.listdir(tmp_path / "report")) == ["judge", *FILES]


def test_small_classes_are_named_at_once_and_the_others_are_measured(
    tmp_path, capsys
):
    reals = tmp_path / "reals"
    _write_folder(reals, 0, 120)
    for path in sorted((reals / "green").iterdir())[2:]:
        path.unlink()
    made = tmp_path / "made"
    _write_folder(made, 500, 60)
    for path in sorted((made / "blue").iterdir())[1:]:
        path.unlink()
    scores = evaluate_folder(
        read_image_folder(str(made), "--translations"),
        read_image_folder(str(reals), "--reals"),
        str(tmp_path / "report"),
        # Of a folder, every file is one translation.
        dataclasses.replace(OPTIONS, num_z=3),
    )
    said = capsys.readouterr().out
    first, second, rest = said.partition("reference models: training")
    assert "1 out of 3: blue (1). Add images to their folders" in first
    assert "(split train) of every class" in first
    assert "1 out of 3: green (1). Add images; RC" in first
    assert second and "Expected" not in rest
    rows = scores["per_class"]
    assert [name for name, row in rows.items() if "fid" in row] == ["amber"]
    assert scores["mfid"] == pytest.approx(rows["amber"]["fid"])
    assert all("rc" in row for row in rows.values())
    assert scores["protocol"]["without_distances"] == "blue, green"
    table = (tmp_path / "report" / "per_class.csv").read_text()
    assert "blue," in table


def _kill():
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    data_dir, output, reference_dir = sys.argv[1:]
    discs = prepared_set(find_prepared(data_dir, "discs", 32))
    evaluate(model(5, _kill), discs, output, OPTIONS, reference_dir)
