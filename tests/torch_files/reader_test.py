"""Files that torch wrote are in golden/torch_files; how they came about is
said in golden/record_torch_files.py.
"""

import importlib
import importlib.util
import io
import os
import pathlib
import pickle
import zipfile

import numpy as np
import pytest

from deepi2i_tf.torch_files import read_tensors, write_tensors
from deepi2i_tf.utils.errors import UserError

FOLDER = pathlib.Path(__file__).parents[1] / "golden" / "torch_files"
FORMATS = ("zip", "legacy")
NUMBERS = (np.arange(24, dtype=np.float32) / np.float32(7)).reshape(4, 6)
# bfloat16 stores 7 bits behind the point: half a unit of the last is 2^-8.
BFLOAT16_ROUNDING = 2.0**-8


@pytest.mark.parametrize("form", FORMATS)
def test_tensors_of_torch(form):
    tensors = read_tensors(FOLDER / f"{form}.pth")
    exact = {
        "float32": NUMBERS,
        "float16": NUMBERS.astype(np.float16),
        "float64": NUMBERS.astype(np.float64),
        "int64": np.arange(5),
        "bool": np.array([True, False]),
        "scalar": np.float32(0.5),
        "empty": np.zeros((0, 3), np.float32),
        "transposed": NUMBERS.T,
        "part": NUMBERS[1:3, 2:],
        "parameter": NUMBERS[0],
    }
    # The entry "step" is no tensor.
    assert set(tensors) == {*exact, "bfloat16"}
    for name, value in exact.items():
        assert tensors[name].dtype == value.dtype.name
        assert tensors[name].value.shape == value.shape
        np.testing.assert_array_equal(tensors[name].value, value)
    value, dtype = tensors["bfloat16"]
    assert (dtype, value.dtype) == ("bfloat16", np.float32)
    np.testing.assert_allclose(value, NUMBERS, rtol=BFLOAT16_ROUNDING)
    assert not (value.view(np.uint32) & 0xFFFF).any()


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
@pytest.mark.parametrize("form", FORMATS)
def test_torch_reads_the_same(form):
    torch = importlib.import_module("torch")
    path = FOLDER / f"{form}.pth"
    theirs = torch.load(path, weights_only=True)
    del theirs["step"]
    ours = read_tensors(path)
    assert list(ours) == list(theirs)
    for name, tensor in theirs.items():
        value = tensor.detach()
        value = value.float() if name == "bfloat16" else value
        np.testing.assert_array_equal(ours[name].value, value.numpy())


@pytest.mark.parametrize("form", FORMATS)
def test_every_cut_off_file_is_refused_in_one_line(form, tmp_path):
    whole = (FOLDER / f"{form}.pth").read_bytes()
    path = tmp_path / "cut.pth"
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError, match="Download it again") as error:
            read_tensors(path)
        assert "\n" not in str(error.value)
        assert str(path) in str(error.value)


def test_flipped_numbers_in_a_zip_are_seen(tmp_path):
    path = tmp_path / "flipped.pth"
    write_tensors(path, {"a": NUMBERS})
    content = bytearray(path.read_bytes())
    content[content.index(NUMBERS.tobytes()) + 5] ^= 1
    path.write_bytes(content)
    with pytest.raises(UserError, match="damaged.*CRC"):
        read_tensors(path)


@pytest.mark.parametrize(
    "content, said",
    [
        (b"<!DOCTYPE html><html>404</html>", "a web page"),
        (b"\n<html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"just text", "9 bytes that begin with"),
        (b"", "0 bytes"),
        (pickle.dumps({"a": 1}, 2), "a pickle of another program, a dict"),
    ],
)
def test_files_of_other_programs_are_named(content, said, tmp_path):
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said):
        read_tensors(path)


def test_other_zips_and_missing_files_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "other.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UserError, match="a zip of 1 members without data.pkl"):
        read_tensors(tmp_path / "other.pth")
    with pytest.raises(UserError, match="No such file"):
        read_tensors(tmp_path / "missing.pth")


def test_code_is_refused():
    with pytest.raises(UserError, match="calls torch.nn.modules.linear.Linear"):
        read_tensors(FOLDER / "module.pth")


def pickled(path, content):
    """A zip with this pickle and one storage of 24 numbers."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/data/0", NUMBERS.tobytes())


@pytest.mark.parametrize(
    "old, new",
    [
        ((0, 4, 6), (1, 4, 6)),  # begins one number later
        ((0, 4, 6), (0, 5, 6)),  # has a row more
        ((0, 4, 6), (-1, 4, 6)),
        ((0, 4, 6), (0, -4, 6)),
    ],
)
def test_no_tensor_leaves_its_storage(old, new, tmp_path):
    def place(numbers):
        offset, *shape = [
            b"J" + n.to_bytes(4, "little", signed=True) for n in numbers
        ]
        return offset + b"(" + b"".join(shape) + b"t"

    path = tmp_path / "some.pth"
    write_tensors(path, {"a": NUMBERS})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("archive/data.pkl")
    pickled(path, content)
    np.testing.assert_array_equal(read_tensors(path)["a"].value, NUMBERS)
    assert content.count(place(old)) == 1
    pickled(path, content.replace(place(old), place(new)))
    with pytest.raises(UserError, match="damaged"):
        read_tensors(path)


def test_a_list_is_no_state_dict(tmp_path):
    pickled(tmp_path / "list.pth", pickle.dumps([1, 2], 2))
    with pytest.raises(UserError, match="a list. Save network.state_dict"):
        read_tensors(tmp_path / "list.pth")


def test_a_dict_without_tensors_is_refused(tmp_path):
    path = tmp_path / "outer.pth"
    pickled(path, pickle.dumps({"netG": {"a": 1}, "epoch": 3}, 2))
    with pytest.raises(UserError, match="a dict of netG, epoch, none of them"):
        read_tensors(path)


def test_big_endian_numbers(tmp_path):
    path = tmp_path / "some.pth"
    write_tensors(path, {"a": NUMBERS})
    with zipfile.ZipFile(path) as archive:
        content = archive.read("archive/data.pkl")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", content)
        archive.writestr("archive/byteorder", "big")
        archive.writestr("archive/data/0", NUMBERS.astype(">f4").tobytes())
    np.testing.assert_array_equal(read_tensors(path)["a"].value, NUMBERS)


def test_an_opened_file_is_read(tmp_path):
    content = (FOLDER / "legacy.pth").read_bytes()
    tensors = read_tensors(os.path.join("a.zip", "G.pth"), io.BytesIO(content))
    np.testing.assert_array_equal(tensors["float32"].value, NUMBERS)


def nested(path, tensors, *keys):
    """What a trainer saves: a state dict within others, beside a number."""
    write_tensors(path, tensors)
    with zipfile.ZipFile(path) as archive:
        inner = archive.read("archive/data.pkl")
    for key in keys:
        word = b"X" + len(key).to_bytes(4, "little") + key.encode()
        # {"epoch": 7, key: inner}
        before = b"\x80\x02}X\x05\0\0\0epochK\x07s" + word
        inner = before + inner[2:-1] + b"s."
    pickled(path, inner)


@pytest.mark.parametrize(
    "keys", [("state_dict",), ("G_ema", "model"), ("net", "G_ema", "state")]
)
def test_a_state_dict_within_others_is_found(keys, tmp_path):
    path = tmp_path / "outer.pth"
    nested(path, {"a": NUMBERS}, *keys)
    found = read_tensors(path, keys=("G_ema", "model", "state", *keys))
    assert list(found) == ["a"]
    np.testing.assert_array_equal(found["a"].value, NUMBERS)
    with pytest.raises(UserError, match="none of them a tensor or known"):
        read_tensors(path)


def test_the_first_key_that_is_there_is_taken(tmp_path):
    path = tmp_path / "outer.pth"
    nested(path, {"a": NUMBERS}, "G_ema")
    assert list(read_tensors(path, keys=("none", "epoch", "G_ema"))) == ["a"]
