"""Tests of deepi2i_tf/torch_files/safetensors_file.py.

The bytes are written here by the format's own words, so that they do not
depend on the library that reads them.
"""

import json

import numpy as np
import pytest

from deepi2i_tf.torch_files import read_tensors, safetensors_file
from deepi2i_tf.utils.errors import UserError

NUMBERS = np.arange(6, dtype=np.float32).reshape(2, 3)
needs_library = pytest.mark.skipif(
    safetensors_file.safetensors is None, reason="safetensors is not installed"
)


def write(path, **tensors):
    """A file of {name: (type, shape, bytes)}."""
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, (dtype, shape, content) in tensors.items():
        ends = [len(data), len(data) + len(content)]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": ends}
        data += content
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


@needs_library
def test_tensors_of_every_type(tmp_path):
    upper_halves = (NUMBERS.view(np.uint32) >> 16).astype(np.uint16)
    path = write(
        tmp_path / "G.safetensors",
        float32=("F32", [2, 3], NUMBERS.tobytes()),
        float16=("F16", [], np.float16(2).tobytes()),
        int64=("I64", [1], np.int64(-7).tobytes()),
        bool=("BOOL", [2], b"\0\1"),
        bfloat16=("BF16", [2, 3], upper_halves.tobytes()),
    )
    found = read_tensors(path)
    assert {name: each.dtype for name, each in found.items()} == {
        name: name for name in found
    }
    for name in ("float32", "bfloat16"):
        np.testing.assert_array_equal(found[name].value, NUMBERS)
    assert found["float16"].value.shape == () and found["float16"].value == 2
    assert found["int64"].value.tolist() == [-7]
    assert found["bool"].value.tolist() == [False, True]


@needs_library
def test_damage_and_unknown_types_are_refused(tmp_path):
    path = write(tmp_path / "a", a=("F32", [2, 3], NUMBERS.tobytes()))
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(UserError, match="half-downloaded.*Download it again"):
        read_tensors(path)
    path = write(tmp_path / "b", a=("F8_E5M2", [2], b"\0\0"))
    with pytest.raises(UserError, match="a of F8_E5M2. Save them as F32"):
        read_tensors(path)


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(safetensors_file, "safetensors", None)
    path = write(tmp_path / "a", a=("F32", [2, 3], NUMBERS.tobytes()))
    with pytest.raises(UserError, match=r"deepi2i_tf\[safetensors\]"):
        read_tensors(path)


def test_json_is_none(tmp_path):
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}' * 9)
    with pytest.raises(UserError, match="bytes that begin with"):
        read_tensors(path)
