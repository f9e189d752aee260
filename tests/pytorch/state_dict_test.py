import numpy as np
import pytest

from deepi2i_tf.networks import NETWORK_NAMES, build_network
from deepi2i_tf.pytorch.state_dict import (
    StateDict,
    assign_state_dict,
    plain_state_dict,
)
from deepi2i_tf.pytorch.upstream_names import upstream_entries, upstream_logs
from deepi2i_tf.torch_files import StoredTensor
from deepi2i_tf.utils.errors import UserError
from tests.transfer.drawn_files import SMALL, drawn_state

HEAD = {
    f"{layer}.{part}"
    for layer, parts in (
        ("linear", ("weight", "bias", "u0", "sv0")),
        ("embed", ("weight", "u0", "sv0")),
    )
    for part in parts
}


def stored(tensors):
    return {k: StoredTensor(v, v.dtype.name) for k, v in tensors.items()}


def test_parallel_prefixes_go_and_are_told():
    value = np.zeros(2, np.float32)
    state = plain_state_dict("G.pth", stored({"module.a": value}))
    assert list(state.tensors) == ["a"]
    assert state.notes == ("names without DataParallel's 'module.'",)
    # A network may have a part of that name.
    state = plain_state_dict("G.pth", stored({"module.a": value, "b": value}))
    assert list(state.tensors) == ["module.a", "b"]
    assert state.notes == ()


def test_other_dtypes_become_float32_and_are_told():
    tensors = stored(
        {
            "a": np.array([0.5, 1], np.float16),
            "b": np.array(0.1, np.float64),
            "c": np.array([3]),
        }
    )
    tensors["d"] = StoredTensor(np.ones(1, np.float32), "bfloat16")
    state = plain_state_dict("G.pth", tensors)
    kinds = {name: each.dtype.name for name, each in state.tensors.items()}
    assert kinds == {
        "a": "float32",
        "b": "float32",
        "c": "int64",
        "d": "float32",
    }
    assert state.tensors["b"] == np.float32(0.1)
    assert state.notes == (
        "1 bfloat16 tensors as float32",
        "1 float16 tensors as float32",
        "1 float64 tensors as float32",
    )
    assert state.shapes["a"] == (2,)


@pytest.mark.parametrize("name", NETWORK_NAMES)
def test_every_weight_is_filled_and_every_name_accounted_for(name):
    network = build_network(name, SMALL)
    state = StateDict(f"{name}.pth", drawn_state(name))
    unused = assign_state_dict(network, state)
    assert set(unused) == (HEAD if name in ("encoder", "adaptor") else set())
    filled = set()
    for entries in (upstream_entries, upstream_logs):
        for entry in entries(network):
            value = entry.to_upstream(entry.weight.numpy())
            np.testing.assert_array_equal(value, state.tensors[entry.name])
            filled.add(id(entry.weight))
    assert filled == {id(weight) for weight in network.weights}


def changed(name, **values):
    tensors = drawn_state("generator")
    for key, value in values.items():
        del tensors[key]
        if value is not None:
            tensors[key] = value
    return StateDict(name, tensors)


def test_a_single_number_may_have_an_axis():
    network = build_network("generator", SMALL)
    weight = network.linear.sigma
    assign_state_dict(
        network, changed("G.pth", **{"linear.sv0": np.float32(2)})
    )
    assert float(weight) == 2.0
    # Without the log, sigma stays.
    assign_state_dict(network, changed("G.pth", **{"linear.sv0": None}))
    assert float(weight) == 2.0


@pytest.mark.parametrize(
    "value, said",
    [
        (None, "74 weights.*1 missing, the first linear.bias"),
        (np.zeros(3, np.float32), r"shape \(128,\).*Received: \(3,\)"),
        (np.full(128, np.nan, np.float32), "128 of 128 numbers that are not"),
    ],
)
def test_wrong_weights_are_refused_and_nothing_is_assigned(value, said):
    network = build_network("generator", SMALL)
    before = [weight.numpy() for weight in network.weights]
    with pytest.raises(UserError, match=said) as error:
        assign_state_dict(network, changed("G.pth", **{"linear.bias": value}))
    assert "G.pth" in str(error.value)
    for weight, old in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), old)
