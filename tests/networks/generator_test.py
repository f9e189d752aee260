import keras
import numpy as np
import pytest

from deepi2i_tf.layers import GeneratorBlock
from deepi2i_tf.networks import build_network, build_networks
from tests.networks import tiny


def make():
    return build_networks(tiny.CONFIG).generator


def test_an_embedding_in_place_of_labels():
    generator = make()
    by_label = generator(tiny.z(), adapted=tiny.adapted(), labels=tiny.labels())
    by_row = generator(
        tiny.z(),
        adapted=tiny.adapted(),
        embedding=generator.embed(tiny.labels()),
    )
    np.testing.assert_array_equal(by_label, by_row)


def test_class_z_and_every_feature_matter():
    generator = make()

    def image(z=None, adapted=None, labels=None):
        z = tiny.z() if z is None else z
        labels = tiny.labels() if labels is None else labels
        adapted = adapted or tiny.adapted()
        return np.asarray(generator(z, adapted=adapted, labels=labels))

    assert not np.allclose(image(), image(labels=np.array([2, 2])))
    assert not np.allclose(image(), image(z=tiny.z(seed=1)))
    for size in (4, 8):
        changed = {**tiny.adapted(), size: tiny.adapted(seed=1)[size]}
        assert not np.allclose(image(), image(adapted=changed))


def test_injection_is_eq_4(monkeypatch):
    generator, came, left = make(), [], []
    plain = GeneratorBlock.__call__

    def recorded(block, hidden, *others, **named):
        came.append(np.asarray(hidden))
        left.append(plain(block, hidden, *others, **named))
        return left[-1]

    monkeypatch.setattr(GeneratorBlock, "__call__", recorded)
    for adapted, weight in (({}, 0.0), (tiny.adapted(), 0.5)):
        came.clear(), left.clear()
        generator(tiny.z(), adapted=adapted, labels=tiny.labels())
        # w_8 of tests/networks/tiny.py is 0.5.
        expected = left[0] + weight * tiny.adapted()[8]
        np.testing.assert_array_equal(came[1], expected)


def test_without_features_it_is_biggans_generator():
    image = make()(tiny.z(), labels=tiny.labels(), training=True)
    assert image.shape == (2, 32, 32, 3)
    assert np.abs(image).max() <= 1.0


def test_every_slot_of_z_matters():
    generator, z = make(), tiny.z()
    image = generator(z, labels=tiny.labels())
    slots = np.split(np.arange(z.shape[1]), generator.slots)
    assert generator.slots == len(generator.blocks) + 1
    for slot in slots:
        changed = z.copy()
        changed[:, slot] += 1.0
        assert not np.allclose(generator(changed, labels=tiny.labels()), image)


def test_attention_follows_the_block_that_ends_at_its_size():
    present = [attention is not None for attention in make().attentions]
    assert present == [False, True, False]


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
def test_images_are_float32_in_mixed_precision(kind):
    keras.config.set_dtype_policy(f"mixed_{kind}")
    generator = build_network("generator", tiny.CONFIG)
    image = generator(tiny.z(), adapted=tiny.adapted(), labels=tiny.labels())
    assert keras.backend.standardize_dtype(image.dtype) == "float32"
    assert np.isfinite(image).all()


def test_class_rows_are_what_the_norms_see_at_z_zero(monkeypatch):
    generator, seen = make(), []
    expected = generator.class_rows(tiny.labels())
    for block in generator.blocks:
        for norm in (block.norm1, block.norm2):
            for layer in (norm.gain, norm.bias):
                call = layer.call
                monkeypatch.setattr(
                    layer,
                    "call",
                    lambda inputs, training=False, call=call: (
                        seen.append(np.asarray(call(inputs, training)))
                        or call(inputs, training)
                    ),
                )
    generator(0.0 * tiny.z(), labels=tiny.labels())
    assert len(seen) == len(expected) == 4 * len(generator.blocks)
    for one, other in zip(seen, expected, strict=True):
        np.testing.assert_array_equal(one, other)
