import numpy as np
import pytest

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.data import PreparedData
from deepi2i_tf.metrics.collapse_signals import summarize
from deepi2i_tf.training import probe
from deepi2i_tf.training.run_context import RunContext

SIDE = 16


def examples_of(labels):
    """Noise of a class each."""
    random = np.random.default_rng(0)
    shape = (len(labels), SIDE, SIDE, 3)
    images = random.integers(0, 256, shape, np.uint8)
    return [
        {"image": image, "label": np.int32(label)}
        for image, label in zip(images, labels, strict=True)
    ]


class Model:
    """Translations are their sources and z; scores are their classes."""

    def __init__(self, translates=True):
        self.calls = []
        self.sides = ("source", "target") if translates else ("target",)

    def adapted(self, images):
        return {4: images[:, :4, :4]}

    def generated(self, adapted, z, labels):
        self.calls.append((z, labels))
        level = np.zeros((len(z), 1, 1, 3), np.float32)
        if adapted is not None:
            level = np.mean(adapted[4], axis=(1, 2), keepdims=True)
        wave = np.sin(np.arange(SIDE * SIDE * 3)).reshape(SIDE, SIDE, 3)
        return 0.2 * level + 0.1 * wave + 0.01 * z[:, :1, None, None]

    def scores(self, images, labels):
        return labels[:, np.newaxis].astype(np.float32)

    def class_rows(self, labels):
        """Classes set 1, 2, ..."""
        return [labels[:, np.newaxis] + 1.0]


@pytest.fixture
def made(monkeypatch):
    def make(
        labels, translates=True, held_out=True, classes=3, model="deepi2i"
    ):
        names = tuple(f"class {c}" for c in range(classes))
        count = {"train": 9, "test": len(labels) if held_out else 0}
        data = PreparedData("", "", "", "", SIDE, names, (), count, {})
        splits = []

        def first_examples(data, split):
            splits.append(split)
            # One class more in the training split.
            shift = int(split == "train" and held_out)
            return iter(examples_of([label + shift for label in labels]))

        monkeypatch.setattr(probe, "first_examples", first_examples)
        config = Config(
            network=NetworkConfig(model=model, dim_z=8, num_classes=classes)
        )
        probed = Model(translates)
        context = RunContext(config, probed, None, data, None, None)
        return probe.make_probe(context), probed, splits

    return make


def test_every_source_goes_into_every_class_with_both_z(made):
    measured, model, splits = made([0, 1, 2] * 10)
    signals = measured(train=2.0, fake=0.0)
    assert splits == ["test"]
    labels = np.concatenate([labels for _, labels in model.calls])
    assert labels.tolist() == [0, 0, 1, 1, 2, 2] * 8
    # Mean scores: 30 images of labels 0, 1 and 2.
    assert signals["overfit"] == pytest.approx((2.0 - 1.0) / (2.0 - 0.0))
    assert set(signals) == {
        "sources", "smallest_class", "smallest_label", "classes", "z",
        "contrast", "edges", "rank", "class_rows", "overfit",
    }  # fmt: skip
    assert signals["class_rows"] == pytest.approx(3.0 / 2.0)
    assert signals["classes"] == 0.0  # The class makes no difference.
    assert measured(train=2.0, fake=0.0) == signals


def test_in_parts_it_measures_the_same(made, monkeypatch):
    expected = made([0, 1, 2] * 10)[0](2.0, 0.0)
    monkeypatch.setattr(probe, "PIXELS_AT_ONCE", 5 * 64 * 64)
    measured, model, _ = made([0, 1, 2] * 10)
    found = measured(2.0, 0.0)
    assert max(len(z) for z, _ in model.calls) == 5
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert value == pytest.approx(expected[name], rel=1e-6), name


def test_sources_are_the_first_of_each_class_in_turn(made):
    measured, _, _ = made([2, 2, 0, 0, 1, 0, 1] + [2] * 40)
    images = np.stack([e["image"] for e in examples_of([0] * 47)])
    signed = images.astype(np.float32) / 127.5 - 1.0
    # 0 1 2, 0 1 2, 0 2: indices in the order above.
    expected = summarize(signed[[2, 4, 0, 3, 6, 1, 5, 7]]).pooled
    np.testing.assert_array_equal(measured._reals.pooled[:8], expected)


def test_without_test_images_those_of_training_are_taken(made):
    measured, _, splits = made([0, 1, 2] * 3, held_out=False)
    assert splits == ["train"]
    assert "overfit" not in measured(2.0, 0.0)


def test_before_the_first_row_nothing_is_said_of_overfitting(made):
    assert "overfit" not in made([0, 1, 2])[0](float("nan"), float("nan"))


def test_scores_that_drift_are_compared_within_one_moment(made, monkeypatch):
    measured, _, splits = made([0, 1] * 15, model="sdit")
    assert splits == ["test", "train"]
    signals = measured(float("nan"), float("nan"))
    # Held-out 0.5 by their labels, training 1.5, translations 1.
    assert signals["overfit"] == pytest.approx((1.5 - 0.5) / (1.5 - 1.0))
    monkeypatch.setattr(probe, "PIXELS_AT_ONCE", 5 * 64 * 64)
    again = made([0, 1] * 15, model="sdit")[0](float("nan"), float("nan"))
    assert again["overfit"] == pytest.approx(signals["overfit"])


@pytest.mark.parametrize("labels, classes", [([1], 2), ([5, 5], 40)])
def test_very_few_images_suffice(made, labels, classes):
    measured, model, _ = made(labels, classes=classes)
    signals = measured(2.0, 0.0)
    assert np.isfinite(list(signals.values())).all()
    assert ("sources" in signals) == (len(labels) > 1)
    rows = sum(len(z) for z, _ in model.calls)
    assert rows == len(labels) * min(classes, 8) * 2


def test_a_biggan_shows_eight_classes_with_eight_z(made):
    measured, model, _ = made([0, 1] * 9, translates=False, classes=20)
    signals = measured(2.0, 0.0)
    assert {"z", "contrast"} <= set(signals)
    assert "sources" not in signals and "smallest_label" not in signals
    labels = np.concatenate([labels for _, labels in model.calls])
    assert len(labels) == 64 and len(set(labels.tolist())) == 8


def test_z_is_a_function_of_the_seed(made):
    one, _, _ = made([0, 1, 2])
    other, _, _ = made([0, 1, 2])
    np.testing.assert_array_equal(one._z, other._z)
    assert len(one._z) == 2
