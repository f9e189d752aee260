import dataclasses
import tracemalloc

import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.evaluation.class_pass import PerClassEvaluation
from deepi2i_tf.evaluation.class_tally import SourceFacts
from deepi2i_tf.evaluation.feature_extractor import Predictions
from deepi2i_tf.evaluation.pictures.samples import RandomSamples
from deepi2i_tf.evaluation.translations import Batch, TranslatedSources
from tests.evaluation import disc_set

OPTIONS = dataclasses.replace(
    disc_set.OPTIONS, diversity_sources=3, diversity_z=3, fc=True
)


class _Stopping:
    """Copies, with noise from z, until it is interrupted."""

    def __init__(self, at=None):
        self.calls, self._at = 0, at

    def __call__(self, images, z, labels):
        if self.calls == self._at:
            raise KeyboardInterrupt
        self.calls += 1
        return np.clip(images + 0.2 * z[:, :1, None, None], -1, 1)


class _Endless:
    """As many translations into each class as are asked for."""

    sources = None
    message = {}

    def __init__(self, batches):
        self._batches = batches

    def count(self, target):
        return 500 * self._batches

    def batches(self, target):
        scene = disc_set.scene_image(target, 0)
        for number in range(self._batches):
            images = np.repeat(scene[None], 500, axis=0)
            yield Batch(images, np.arange(500) + 500 * number, 0)


class _Glance:
    """In the place of what looks at images: no network, and no time."""

    def __init__(self, extractor):
        self.judge, self.dimensions = extractor.judge, extractor.dimensions

    def look(self, images):
        pixels = images.reshape(len(images), -1)[:, : self.dimensions]
        classes = pixels[:, 0].astype(np.int32) % self.judge.num_classes
        return Predictions(classes, pixels.astype(np.float32), None)


@pytest.fixture
def run(evaluation, sources, tmp_path):
    def run_pass(translate, folder="work", **changes):
        options = dataclasses.replace(OPTIONS, **changes)
        translations = TranslatedSources(translate, 4, sources, options)
        with WorkFolder(str(tmp_path / folder), "key", print) as work:
            passing = PerClassEvaluation(
                translations,
                SourceFacts(sources.labels),
                evaluation.eyes,
                evaluation.reals,
                options,
                RandomSamples(translations, 3, 0),
                work,
                print,
            )
            return passing.run(), passing.fakes()[:]

    return run_pass


def _assert_equal(results, others):
    for one, other in zip(results, others, strict=True):
        assert set(one) == set(other)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


# Each class takes 3 batches of 16 and two of 3.
@pytest.mark.parametrize("at", [0, 4, 5, 12])
def test_goes_on_with_the_class_it_was_in(run, at):
    expected, fakes = run(_Stopping(), "undisturbed")
    with pytest.raises(KeyboardInterrupt):
        run(_Stopping(at))
    translate = _Stopping()
    results, again = run(translate)
    assert translate.calls == 15 - at + at % 5
    _assert_equal(results, expected)
    np.testing.assert_array_equal(again, fakes)


def test_classes_whose_translations_for_fc_were_lost_are_read_again(
    run, tmp_path
):
    expected, fakes = run(_Stopping())
    (tmp_path / "work" / "fakes.uint8").write_bytes(b"")
    translate = _Stopping()
    results, again = run(translate)
    assert translate.calls == 15
    _assert_equal(results, expected)
    np.testing.assert_array_equal(again, fakes)


def test_fc_learns_a_share_of_each_class(run):
    recipe = dataclasses.replace(disc_set.RECIPE, max_images=30)
    results, fakes = run(_Stopping(), reference=recipe)
    assert [result["num_fakes"] for result in results] == [10, 10, 10]
    assert fakes.shape == (30, 16, 16, 3)


def test_distances_and_diversity_stand_beside_the_sums(run):
    results, _ = run(_Stopping())
    for result in results:
        assert result["fid"] > 0 and result["diversity"] > 0
        assert result["seen"].sum() == 48
        assert result["shown"].shape == (4, 32, 32, 3)
    results, fakes = run(_Stopping(), "plain", diversity_sources=0, fc=False)
    assert "diversity" not in results[0] and len(fakes) == 0


def test_memory_does_not_grow_with_the_number_of_images(evaluation, tmp_path):
    def peak(batches):
        translations = _Endless(batches)
        with WorkFolder(str(tmp_path), str(batches), print) as work:
            passing = PerClassEvaluation(
                translations,
                SourceFacts(),
                _Glance(evaluation.eyes),
                evaluation.reals,
                OPTIONS,
                RandomSamples(translations, 3, 0),
                work,
                print,
            )
            tracemalloc.start()
            passing.run()
            largest = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        return largest

    # 9,000 more images are 27 MB; the kernel's blocks are full in both.
    growth = peak(8) - peak(2)
    assert growth < 3_000_000
