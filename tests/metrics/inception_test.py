"""Against torch-fidelity 0.4.0 with the same random weights, map by map.

Tolerance 1e-4 of the largest value of a map; measured, float32 against
float64: 2.1e-6 on maps, 7e-7 on taps. Tried on purpose, an average pool that
counts padding shows at 0.4, the paper's average in the last block at 0.2 and
today's half-pixel resize at 0.3. The recorded numbers are those of
tests/golden/record_fidelity.py.
"""

import pathlib

import keras
import numpy as np
import pytest

from deepi2i_tf.metrics.inception import (
    TAPS,
    LegacyBilinear,
    build_inception,
)
from deepi2i_tf.metrics.inception_weights import assign_inception_weights
from tests.metrics import drawn_inception, reference_modules

GOLDEN = np.load(
    pathlib.Path(__file__).parents[1] / "golden" / "inception_random.npz"
)
TOLERANCE = 1e-4
IMAGES = drawn_inception.images(96, 80)
NEEDS_REFERENCE = pytest.mark.skipif(
    bool(reference_modules.MISSING), reason=reference_modules.REASON
)


@pytest.fixture(scope="module")
def network():
    """All taps, and the map behind every stem row and block."""
    model = build_inception(TAPS, resize=True)
    assign_inception_weights(model, drawn_inception.tensors())
    maps = {
        name: model.get_layer(name).output
        for name in GOLDEN.files
        if name not in TAPS
    }
    # The stem's maps are taken in front of their pools, as the hooks do.
    return keras.Model(model.input, model.output | maps)


def outputs(model, images):
    values = model(images.astype(np.float32), training=False)
    return {name: np.asarray(value) for name, value in values.items()}


def errors(ours, theirs):
    """Largest difference of each output, relative to its largest value."""
    assert set(ours) == set(theirs)
    return {
        name: float(np.abs(ours[name] - value).max() / np.abs(value).max())
        for name, value in theirs.items()
    }


def test_the_recorded_maps_and_taps(network):
    ours = outputs(network, IMAGES)
    thin = {name: drawn_inception.thinned(ours[name]) for name in ours}
    assert {name: thin[name].shape for name in thin} == {
        name: GOLDEN[name].shape for name in GOLDEN.files
    }
    wrong = errors(thin, {name: GOLDEN[name] for name in GOLDEN.files})
    assert not {k: e for k, e in wrong.items() if not e < TOLERANCE}


@NEEDS_REFERENCE
@pytest.mark.parametrize("size", [(96, 80), (299, 299), (320, 400)])
def test_every_map_and_tap_of_torch_fidelity(network, size, tmp_path):
    path = tmp_path / "drawn.pth"
    model = reference_modules.inception(
        drawn_inception.state_dict(), str(path), double=False
    )
    path.unlink()
    images = drawn_inception.images(*size)
    theirs = reference_modules.inception_maps(model, images)
    wrong = errors(outputs(network, images), theirs)
    assert len(wrong) == 16 + len(TAPS)
    assert not {k: e for k, e in wrong.items() if not e < TOLERANCE}


def test_a_wrong_pool_would_be_noticed(network):
    # The paper's average, in place of the graph's maximum.
    block = network.get_layer("Mixed_7b").output
    right = network.get_layer("Mixed_7c.branch_pool")
    average = keras.layers.AveragePooling2D(3, 1, padding="same")(block)
    pair = keras.Model(network.input, [right.output, right(average)])
    graphs, papers = pair(IMAGES.astype(np.float32), training=False)
    difference = np.abs(np.asarray(graphs) - np.asarray(papers)).max()
    assert difference > 100 * TOLERANCE * np.abs(graphs).max()


def test_average_pools_do_not_count_padding(network):
    pools = [
        layer
        for layer in network.layers
        if isinstance(layer, keras.layers.AveragePooling2D)
    ]
    assert len(pools) == 3 + 4 + 1
    ones = np.ones((1, 5, 5, 1), np.float32)
    for pool in pools:
        np.testing.assert_array_equal(pool(ones), ones)


def test_resizing_by_hand():
    # Output pixel i lies at 2 i / 299; behind pixel 1 there is no third.
    image = np.array([0.0, 299.0], np.float32).reshape(1, 1, 2, 1)
    resized = np.asarray(LegacyBilinear()(image))
    assert resized.shape == (1, 299, 299, 1)
    expected = np.minimum(2.0 * np.arange(299), 299.0)
    np.testing.assert_allclose(resized[0, 0, :, 0], expected, atol=1e-3)
    np.testing.assert_array_equal(resized[0, 7], resized[0, 0])


@NEEDS_REFERENCE
@pytest.mark.parametrize("size", [(32, 32), (96, 80), (299, 299), (320, 400)])
def test_resizing_of_torch_fidelity(size):
    images = drawn_inception.images(*size)
    theirs = reference_modules.legacy_bilinear(images)
    ours = np.asarray(LegacyBilinear()(images.astype(np.float32)))
    np.testing.assert_allclose(ours, theirs, atol=1e-3)


def test_without_resizing_the_images_are_299_pixels(network):
    images = drawn_inception.images(299, 299)
    model = build_inception(["2048"])
    assign_inception_weights(model, drawn_inception.tensors())
    assert model.input_shape == (None, 299, 299, 3)
    np.testing.assert_allclose(
        outputs(model, images)["2048"],
        outputs(network, images)["2048"],
        atol=1e-5,
    )


@pytest.mark.parametrize(
    ("taps", "parameters"),
    [
        (["64"], 28_640),
        (["2048"], 21_768_352),
        (TAPS, 21_768_352 + 2048 * 1008),
    ],
)
def test_only_what_is_asked_for_is_built(taps, parameters):
    model = build_inception(taps)
    assert model.count_params() == parameters
    assert list(model.output) == list(taps)
    assert not model.trainable_variables


def test_the_dtype_policy_of_the_process_does_not_matter():
    keras.config.set_dtype_policy("mixed_bfloat16")
    model = build_inception(["64"])
    images = np.zeros((1, 299, 299, 3), np.float32)
    assert keras.backend.standardize_dtype(model(images)["64"].dtype) == (
        "float32"
    )
    computing = model.layers[1:]
    assert {layer.compute_dtype for layer in computing} == {"float32"}


@pytest.mark.parametrize("taps", [["pool3"], []])
def test_unknown_taps_are_refused(taps):
    with pytest.raises(ValueError, match="Expected taps among 64, 192"):
        build_inception(taps)
