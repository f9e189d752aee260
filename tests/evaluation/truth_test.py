"""Translators of known worth beside the known right answers."""

import dataclasses
import json

import numpy as np
import pytest

from deepi2i_tf.data import NO_PAIR
from deepi2i_tf.evaluation.evaluate import evaluate
from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from deepi2i_tf.evaluation.images.labelled_images import (
    LabelledImages,
    RealImages,
    prepared_set,
)
from deepi2i_tf.evaluation.per_class import SourceFacts
from deepi2i_tf.evaluation.results import describe
from deepi2i_tf.evaluation.scores import Reals, score
from deepi2i_tf.evaluation.translations import Batch
from deepi2i_tf.evaluation.truth import KnownAnswers, Sums
from deepi2i_tf.utils.image_geometry import to_uint8
from tests.evaluation import disc_set

# Grey of the images, by (pair, class): two pairs, two classes.
GREYS = {(7, 0): 10, (7, 1): 60, (9, 0): 30, (9, 1): 100}
NAMES = ("a", "b")


class GreyExtractor:
    """The grey itself is an image's one feature."""

    dimensions = 1

    def features(self, images):
        return images[:, 0, 0, :1].astype(np.float32)


def image(grey):
    return np.full((12, 12, 3), grey, np.uint8)


def grey_set(greys):
    def read(split):
        for (pair, label), grey in greys.items():
            yield {"image": image(grey), "label": label, "pair": pair}

    return LabelledImages(
        path="greys",
        resolution=12,
        class_names=NAMES,
        identity=b"",
        has_pose=False,
        sizes={"test": len(greys)},
        read=read,
        read_labels=lambda split: [label for _, label in greys],
        has_pair=True,
    )


def nearness(answer, folder, greys=GREYS, num_z=1):
    """`truth` of a function (source's grey, target) -> grey, all and by class.

    Every z draws the same.
    """
    sources = RealImages(
        np.stack([image(grey) for grey in greys.values()]),
        np.array([label for _, label in greys]),
        pairs=np.array([pair for pair, _ in greys]),
    )
    known = KnownAnswers(grey_set(greys), sources, str(folder), seed=0)
    extractor = GreyExtractor()
    known.read(extractor, batch_size=3)
    results = []
    for target in range(2):
        answers, sums = known.answers(target), Sums()
        for draw in range(num_z):
            made = [image(answer(g, target)) for g in greys.values()]
            batch = Batch(np.stack(made), np.arange(len(greys)), draw)
            features = extractor.features(batch.images)
            sums.add(known.compare(answers, batch, features))
        predicted = {"predicted": np.array([1, 1])}
        results.append(predicted | sums.arrays(num_z))
    scores = score(results, SourceFacts(), Reals(np.eye(2, dtype=int)), NAMES)
    rows = scores["per_class"].values()
    return scores.get("truth"), [row.get("truth") for row in rows]


def ssim_error(x, y):
    """1 - SSIM of two plain greys: only the luminances are left."""
    x, y = x / 255, y / 255
    return 1 - (2 * x * y + 1e-4) / (x * x + y * y + 1e-4)


# Into b: answers 60, 100; the other image is the other answer, 40 away; the
# sources 10 and 30 are 50 and 70 away. Into a: answers 10, 30, the other 20
# away, the sources 60 and 100 50 and 70 away.
@pytest.mark.parametrize(
    ("answer", "of_all", "of_a", "of_b"),
    [
        # Copies: 50 and 70 in both classes.
        (lambda grey, target: grey, (-1.0, 0.0), (-2.0, 0.0), (-0.5, 0.0)),
        # The mean of the class: 10 away from a's answers, 20 from b's.
        (
            lambda grey, target: (20, 80)[target],
            (0.5, 0.75),
            (0.5, 5 / 6),
            (0.5, 2 / 3),
        ),
        (
            lambda grey, target: {10: 60, 60: 10, 30: 100, 100: 30}[grey],
            (1.0, 1.0),
            (1.0, 1.0),
            (1.0, 1.0),
        ),
    ],
)
@pytest.mark.parametrize("num_z", [1, 2])
def test_by_hand(answer, of_all, of_a, of_b, num_z, tmp_path):
    found, (a, b) = nearness(answer, tmp_path, num_z=num_z)
    for distance in ("pixels", "features"):
        for numbers, expected in ((found, of_all), (a, of_a), (b, of_b)):
            kept_and_gained = numbers[distance]
            assert list(kept_and_gained) == ["kept", "gained"]
            assert [*kept_and_gained.values()] == pytest.approx(expected)
    errors = [ssim_error(answer(GREYS[p, 0], 1), GREYS[p, 1]) for p in (7, 9)]
    others = 2 * ssim_error(60, 100)
    lone = ssim_error(10, 60) + ssim_error(30, 100)
    expected = [1 - sum(errors) / others, 1 - sum(errors) / lone]
    # Where nothing varies, SSIM in float32 is good to 1e-4 of its 0.12.
    assert [*b["ssim"].values()] == pytest.approx(expected, abs=5e-3)


def test_sources_without_an_answer_are_left_out(tmp_path):
    """Pair 8 has no image of b, and two images belong to no pair."""
    greys = GREYS | {(8, 0): 200, (NO_PAIR, 0): 250, (NO_PAIR, 1): 1}
    found = nearness(lambda grey, target: grey, tmp_path, greys)[1][1]
    assert found["pixels"] == pytest.approx({"kept": -0.5, "gained": 0.0})


def test_one_pair_alone_has_nothing_to_compare_with(tmp_path):
    greys = {key: grey for key, grey in GREYS.items() if key[0] == 7}
    assert nearness(lambda grey, target: grey, tmp_path, greys) == (
        None,
        [None, None],
    )


@pytest.fixture(scope="module")
def paired(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paired")
    return prepared_set(disc_set.write_set(folder, pose=False, pair=True))


def redrawing(images, z, labels):
    """The truth itself."""
    scene_of = {
        disc_set.scene_image(label, scene).tobytes(): scene
        for scene in range(10_000, 10_016)
        for label in range(3)
    }
    scenes = [scene_of[each.tobytes()] for each in to_uint8(images)]
    drawn = map(disc_set.scene_image, labels, scenes)
    return np.stack(list(drawn)).astype(np.float32) / 127.5 - 1.0


def test_a_whole_evaluation(paired, reference_dir, tmp_path):
    options = dataclasses.replace(disc_set.OPTIONS, reals_per_class=20)
    found = {}
    for translate in (disc_set.copying, redrawing):
        output = tmp_path / translate.__name__
        model = EvaluatedModel(translate, 8, identity=translate.__name__)
        scores = evaluate(model, paired, str(output), options, reference_dir)
        found[translate.__name__] = scores["truth"]
        written = json.loads((output / "metrics.json").read_text())
        assert written["truth"] == scores["truth"]
        assert set(scores["per_class"]["blue"]["truth"]) == {
            *("pixels", "ssim", "features")
        }
        assert scores["protocol"]["num_pairs"] == 16
        # 48 sources, each in two classes that are not its own.
        assert scores["protocol"]["truth"].startswith("96 pairs of a source")
        assert "truth, features (domain): kept" in describe(scores)
        head = (output / "per_class.csv").read_text().splitlines()[0]
        assert head.endswith("truth_features_kept,truth_features_gained")
        with np.load(output / "pictures.npz") as pictures:
            same = pictures["grid"] == pictures["truth"]
            assert same.all() == (translate is redrawing)
            assert pictures["truth_known"].all()
    for numbers in found["redrawing"].values():
        assert numbers == pytest.approx({"kept": 1.0, "gained": 1.0}, abs=1e-5)
    for numbers in found["copying"].values():
        assert numbers["gained"] == pytest.approx(0.0, abs=1e-5)
        assert numbers["kept"] < 0.9
