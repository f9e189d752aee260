import importlib
import importlib.util
import zipfile

import numpy as np
import pytest

from deepi2i_tf.torch_files import read_tensors, write_tensors
from deepi2i_tf.torch_files.writer import ALIGNMENT

TENSORS = {
    "blocks.0.weight": np.random.default_rng(0).standard_normal(
        (3, 2, 1, 1), np.float32
    ),
    "gamma": np.array(0.5, np.float32),
    "transposed": np.arange(6, dtype=np.float32).reshape(2, 3).T,
    "half": np.arange(4, dtype=np.float16),
    "größe": np.arange(3),
    "empty": np.zeros((0, 2), np.float32),
}


def test_what_is_written_is_read(tmp_path):
    path = tmp_path / "some.pth"
    write_tensors(path, TENSORS)
    read = read_tensors(path)
    assert list(read) == list(TENSORS)
    for name, value in TENSORS.items():
        assert read[name].value.dtype == value.dtype
        assert read[name].value.shape == value.shape
        np.testing.assert_array_equal(read[name].value, value)


def test_the_same_tensors_give_the_same_bytes(tmp_path):
    for name in ("a.pth", "b.pth"):
        write_tensors(tmp_path / name, TENSORS)
    assert (tmp_path / "a.pth").read_bytes() == (
        tmp_path / "b.pth"
    ).read_bytes()


def test_numbers_are_aligned_for_memory_maps(tmp_path):
    path = tmp_path / "some.pth"
    write_tensors(path, TENSORS)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        for index, value in enumerate(TENSORS.values()):
            info = archive.getinfo(f"archive/data/{index}")
            extra = content[info.header_offset + 28]
            begins = info.header_offset + 30 + len(info.filename) + extra
            assert begins % ALIGNMENT == 0
            assert content[begins : begins + value.nbytes] == value.tobytes()


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
@pytest.mark.parametrize("mmap", [False, True])
def test_torch_reads_it(mmap, tmp_path):
    torch = importlib.import_module("torch")
    path = tmp_path / "some.pth"
    write_tensors(path, TENSORS)
    read = torch.load(path, weights_only=True, mmap=mmap)
    assert list(read) == list(TENSORS)
    for name, value in TENSORS.items():
        np.testing.assert_array_equal(read[name].numpy(), value)
