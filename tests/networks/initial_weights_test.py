import numpy as np
import pytest

from deepi2i_tf.networks import (
    NETWORK_NAMES,
    build_network,
    build_networks,
    spectral_layers,
)
from deepi2i_tf.networks.initial_weights import (
    initialize,
    orthogonal,
    sublayers,
)
from tests.networks import tiny


def weights(network):
    return {w.path: w.numpy() for w in network.weights}


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_kernels_are_orthogonal(name):
    network = build_network(name, tiny.CONFIG)
    initialize(network, seed=0)
    layers = spectral_layers(network)
    assert layers
    for layer in layers:
        matrix = layer.raw_weight.numpy()
        matrix = matrix.reshape(-1, matrix.shape[-1])
        if matrix.shape[0] < matrix.shape[1]:
            matrix = matrix.T
        np.testing.assert_allclose(
            matrix.T @ matrix, np.eye(matrix.shape[1]), atol=1e-5
        )


def test_the_shared_embedding_is_orthogonal_and_the_rest_starts_plain():
    generator = build_networks(tiny.CONFIG).generator
    rows = generator.shared.embeddings.numpy()
    np.testing.assert_allclose(rows @ rows.T, np.eye(3), atol=1e-5)
    assert not generator.linear.bias.numpy().any()
    assert generator.attentions[1].gamma.numpy() == 0.0
    assert (generator.output_norm.gain.numpy() == 1.0).all()


def test_weights_do_not_depend_on_what_was_built_before():
    networks = build_networks(tiny.CONFIG, seed=3)
    for name in reversed(NETWORK_NAMES):
        alone = build_network(name, tiny.CONFIG)
        initialize(alone, seed=3)
        expected = weights(dict(networks.items())[name])
        for path, value in weights(alone).items():
            np.testing.assert_array_equal(value, expected[path], path)


def test_seeds_and_networks_differ():
    one, other = (build_networks(tiny.CONFIG, seed=s) for s in (0, 1))
    for layer, twin in zip(
        spectral_layers(one.encoder),
        spectral_layers(other.encoder),
        strict=True,
    ):
        assert not np.array_equal(layer.raw_weight, twin.raw_weight)
        assert not np.array_equal(layer.u, twin.u)
    # The encoder and the discriminator's trunk have one shape, not one draw.
    assert not np.array_equal(
        one.encoder.trunk.blocks[0].conv1.raw_weight,
        one.discriminator.trunk.blocks[0].conv1.raw_weight,
    )


def test_sublayers_go_to_any_depth():
    generator = build_networks(tiny.CONFIG).generator
    found = list(sublayers(generator))
    assert generator.blocks[0] in found
    assert generator.blocks[0].norm1.gain in found
    assert len(found) == len({id(layer) for layer in found})


@pytest.mark.parametrize("shape", [(3, 3, 40, 20), (8, 4), (7, 4), (4, 16)])
def test_tall_matrices_are_those_of_the_qr_decomposition(shape):
    drawn = orthogonal(shape, np.random.default_rng(1))
    rows, columns = int(np.prod(shape[:-1])), shape[-1]
    tall = (max(rows, columns), min(rows, columns))
    q, r = np.linalg.qr(
        np.random.default_rng(1).standard_normal(tall, np.float32)
    )
    q = q * np.sign(np.diag(r))
    expected = (q if rows >= columns else q.T).reshape(shape)
    np.testing.assert_allclose(drawn, expected, rtol=1e-5, atol=1e-6)
    assert drawn.dtype == np.float32
