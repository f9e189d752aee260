import hashlib

import numpy as np
import pytest

from deepi2i_tf.metrics import inception_weights
from deepi2i_tf.metrics.inception import build_inception
from deepi2i_tf.metrics.inception_blocks import CONVOLUTIONS
from deepi2i_tf.metrics.inception_files import READERS
from deepi2i_tf.metrics.inception_weights import (
    PUBLISHED,
    Published,
    assign_inception_weights,
    checked_sha256,
    load_inception_weights,
    read_inception_weights,
)
from deepi2i_tf.torch_files import write_tensors
from deepi2i_tf.utils.errors import UserError
from tests.metrics import drawn_inception
from tests.metrics.inception_files_test import write_graph

FORMS = (".npz", ".pb", ".pth")


def graph_arrays():
    """The drawn weights by the names of the frozen graph."""
    drawn = drawn_inception.tensors()
    arrays = {
        "softmax/weights": drawn["fc.kernel"],
        "softmax/biases": drawn_inception.state_dict()["fc.bias"],
    }
    for each in CONVOLUTIONS:
        name, norm = each.graph_name, f"{each.graph_name}/batchnorm"
        arrays[f"{name}/conv2d_params"] = drawn[f"{each.name}.kernel"]
        arrays[f"{norm}/gamma"] = drawn[f"{each.name}.gamma"]
        arrays[f"{norm}/beta"] = drawn[f"{each.name}.beta"]
        arrays[f"{norm}/moving_mean"] = drawn[f"{each.name}.mean"]
        arrays[f"{norm}/moving_variance"] = drawn[f"{each.name}.variance"]
    return arrays


def torch_arrays():
    counters = {
        f"{each.name}.bn.num_batches_tracked": np.array(0)
        for each in CONVOLUTIONS
    }
    return drawn_inception.state_dict() | counters


ARRAYS = {
    ".npz": drawn_inception.tensors,
    ".pb": graph_arrays,
    ".pth": torch_arrays,
}


@pytest.fixture
def given(monkeypatch):
    """Puts arrays in the place of a file's content."""

    def give(form, arrays):
        monkeypatch.setitem(READERS, form, lambda path: arrays)
        return f"weights{form}"

    return give


def assert_drawn(tensors):
    drawn = drawn_inception.tensors()
    assert set(tensors) == set(drawn)
    for name, array in drawn.items():
        np.testing.assert_array_equal(tensors[name], array, err_msg=name)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_tensors(form, given):
    assert_drawn(read_inception_weights(given(form, ARRAYS[form]())))


def test_a_whole_frozen_graph(tmp_path):
    path = tmp_path / "weights.pb"
    write_graph(path, graph_arrays())
    tensors = read_inception_weights(str(path))
    path.unlink()
    assert_drawn(tensors)


def test_a_whole_state_dict(tmp_path):
    path = tmp_path / "weights.pth"
    write_tensors(path, torch_arrays())
    tensors = read_inception_weights(str(path))
    path.unlink()
    assert_drawn(tensors)


def test_an_archive_loads_into_a_network_and_tells_its_hash(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez(path, **drawn_inception.tensors())
    model = build_inception(["64"])
    sha256 = load_inception_weights(model, str(path))
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()
    kernel, bias = model.get_layer("Conv2d_2b_3x3").get_weights()
    drawn = drawn_inception.tensors()
    part = {k[14:]: v for k, v in drawn.items() if k.startswith("Conv2d_2b")}
    scale = part["gamma"] / np.sqrt(part["variance"] + 1e-3)
    np.testing.assert_allclose(kernel, part["kernel"] * scale, rtol=1e-5)
    np.testing.assert_allclose(
        bias, part["beta"] - part["mean"] * scale, rtol=1e-4, atol=1e-6
    )


def test_dense_layer_is_loaded_where_it_is_built():
    model = build_inception(["logits_unbiased"])
    assign_inception_weights(model, drawn_inception.tensors())
    np.testing.assert_array_equal(
        model.get_layer("fc").get_weights()[0],
        drawn_inception.tensors()["fc.kernel"],
    )


@pytest.mark.parametrize("form", FORMS)
def test_missing_and_left_over_tensors_are_refused(form, given):
    arrays = ARRAYS[form]()
    name = sorted(arrays)[3]
    moved = dict(arrays)
    moved["somewhere/else/batchnorm/gamma"] = moved.pop(name)
    with pytest.raises(
        UserError, match=f"the 471 tensors.*no {name}, one of 1"
    ):
        read_inception_weights(given(form, moved))
    more = arrays | {"mixed_11/conv/conv2d_params": arrays[name]}
    with pytest.raises(UserError, match="also mixed_11/conv/conv2d_params"):
        read_inception_weights(given(form, more))
    with pytest.raises(UserError, match="one of 471"):
        read_inception_weights(given(form, {}))


@pytest.mark.parametrize("form", FORMS)
def test_other_shapes_and_numbers_are_refused(form, given):
    for name, array in list(ARRAYS[form]().items())[:3]:
        for wrong in (array[:-1], np.full_like(array, np.nan)):
            arrays = ARRAYS[form]() | {name: wrong}
            if name in ("fc.bias", "softmax/biases"):
                continue
            with pytest.raises(UserError, match="to be finite, of shape"):
                read_inception_weights(given(form, arrays))


@pytest.mark.parametrize("form", PUBLISHED)
def test_another_file_than_the_published_one_is_refused(form, tmp_path):
    path = tmp_path / f"weights{form}"
    path.write_bytes(b"truncated")
    with pytest.raises(UserError, match="Received: 9 bytes") as error:
        load_inception_weights(build_inception(["64"]), str(path))
    assert PUBLISHED[form].sha256 in str(error.value)
    assert hashlib.sha256(b"truncated").hexdigest() in str(error.value)


def test_the_published_file_passes(tmp_path, monkeypatch):
    path = tmp_path / "weights.PB"
    path.write_bytes(b"as published")
    sha256 = hashlib.sha256(b"as published").hexdigest()
    published = Published("graph.pb", 12, sha256)
    monkeypatch.setitem(inception_weights.PUBLISHED, ".pb", published)
    assert checked_sha256(str(path)) == sha256


def test_published_hashes_begin_as_the_names_of_the_files_say():
    assert PUBLISHED[".pth"].name.endswith(
        f"-{PUBLISHED['.pth'].sha256[:8]}.pth"
    )
    assert {len(each.sha256) for each in PUBLISHED.values()} == {64}


def test_other_forms_and_missing_files_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"to end in \.pb .*inception.pt\. Use"):
        checked_sha256("inception.pt")
    missing = str(tmp_path / "none.pb")
    with pytest.raises(UserError, match="none.pb .No such file"):
        checked_sha256(missing)
