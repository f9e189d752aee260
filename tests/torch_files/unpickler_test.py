import collections
import io
import pickle

import pytest

from deepi2i_tf.torch_files.unpickler import TensorUnpickler
from deepi2i_tf.utils.errors import UserError


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


def load(content):
    return TensorUnpickler(io.BytesIO(content), "some.pth").load()


def test_plain_values_come_as_they_are():
    plain = {"step": 3, "names": ["a", ("b", 1.5)], "none": None}
    assert load(pickle.dumps(plain, 2)) == plain
    ordered = collections.OrderedDict(b=1, a=2)
    assert list(load(pickle.dumps(ordered, 2))) == ["b", "a"]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_call_is_refused_and_not_made(protocol, tmp_path):
    made = tmp_path / "made"
    content = pickle.dumps({"w": Calls(open, str(made), "w")}, protocol)
    with pytest.raises(
        UserError, match=r"calls (_?io|builtins)\.open,.*Nothing"
    ):
        load(content)
    assert not made.exists()


def test_a_place_far_out_allocates_nothing():
    # The last of 4 billion places, of which none was taken before.
    with pytest.raises(pickle.UnpicklingError, match="4294967295 is far out"):
        load(b"\x80\x02}r\xff\xff\xff\xff.")
    assert load(b"\x80\x02}r\x00\x00\x00\x00.") == {}


@pytest.mark.parametrize(
    "module, name",
    [
        ("os", "system"),
        ("builtins", "getattr"),
        ("torch", "load"),
        ("torch._utils", "_rebuild_tensor_v2.__globals__"),
        ("collections", "OrderedDict.update"),
        ("collections", "namedtuple"),
    ],
)
def test_every_other_name_is_refused(module, name):
    def text(word):
        return b"X" + len(word).to_bytes(4, "little") + word.encode()

    by_line = f"c{module}\n{name}\n.".encode()
    by_stack = b"\x80\x04" + text(module) + text(name) + b"\x93."
    for content in (by_line, by_stack):
        with pytest.raises(UserError) as error:
            load(content)
        assert f"{module}.{name}" in str(error.value)
        assert "\n" not in str(error.value)


def test_what_a_file_does_to_a_stand_in_ends_with_it():
    name = b"ctorch._utils\n_rebuild_tensor_v2\n"
    changed = load(b"\x80\x02" + name + b"}(X\x01\x00\x00\x00aK\x01ub.")
    assert changed.a == 1
    again = load(b"\x80\x02" + name + b".")
    assert not hasattr(again, "a")
