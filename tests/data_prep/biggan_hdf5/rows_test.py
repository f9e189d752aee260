import multiprocessing
import os
import shutil
import subprocess
import sys
from concurrent import futures

import h5py
import numpy as np
import pytest

from data_prep.biggan_hdf5 import rows
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.biggan_hdf5.draw_raw import draw_raw, stored

LAYOUTS = [
    (None, None),
    (7, None),
    (500, None),
    (1, "lzf"),
    (7, "lzf"),
    (500, "gzip"),
]


def read_all(path, work_dir=""):
    count = len(stored(path)[1])
    some = {
        row: rows.read_row(path, str(work_dir), row)
        for row in np.random.default_rng(0).permutation(count).tolist()
    }
    return np.stack([some[row] for row in range(count)])


@pytest.mark.parametrize(("chunk", "compression"), LAYOUTS)
def test_rows_are_those_of_the_file_in_any_order(tmp_path, chunk, compression):
    path = draw_raw(tmp_path / "raw", chunk=chunk, compression=compression)
    (tmp_path / "work").mkdir()
    expected = stored(path)[0]
    np.testing.assert_array_equal(read_all(path), expected)
    rows.unpack_if_compressed(path, tmp_path / "work")
    np.testing.assert_array_equal(read_all(path, tmp_path / "work"), expected)


@pytest.mark.parametrize(("chunk", "compression"), LAYOUTS)
def test_only_what_takes_long_is_unpacked(tmp_path, chunk, compression):
    path = draw_raw(tmp_path / "raw", chunk=chunk, compression=compression)
    (tmp_path / "work").mkdir()
    rows.unpack_if_compressed(path, tmp_path / "work")
    unpacked = compression is not None and chunk > 1
    names = [rows.UNPACKED] if unpacked else []
    assert os.listdir(tmp_path / "work") == names


def test_the_unpacked_file_is_numpys(tmp_path):
    path = draw_raw(tmp_path, compression="lzf", chunk=5)
    rows.unpack_if_compressed(path, tmp_path)
    with h5py.File(path, "r") as file:
        unpacked = np.load(tmp_path / rows.UNPACKED)
        np.testing.assert_array_equal(unpacked, file["imgs"])


def test_unpacking_is_done_once(tmp_path):
    path = draw_raw(tmp_path, compression="lzf")
    rows.unpack_if_compressed(path, tmp_path)
    before = os.stat(tmp_path / rows.UNPACKED)
    rows.unpack_if_compressed(path, tmp_path)
    assert os.stat(tmp_path / rows.UNPACKED) == before


@pytest.mark.parametrize("kept", [0, 50, 128, 3000, 128 + 15 * 3072, 10**6])
def test_it_goes_on_from_whatever_was_written(tmp_path, monkeypatch, kept):
    path = draw_raw(tmp_path / "raw", compression="lzf", chunk=5)
    rows.unpack_if_compressed(path, tmp_path)
    whole = (tmp_path / rows.UNPACKED).read_bytes()
    part = tmp_path / f"{rows.UNPACKED}.part"
    part.write_bytes(whole[:kept])
    (tmp_path / rows.UNPACKED).unlink()
    read = []
    chunk_of = rows._read_chunk

    def noted(path, images, first, some):
        read.append(first)
        chunk_of(path, images, first, some)

    monkeypatch.setattr(rows, "_read_chunk", noted)
    rows.unpack_if_compressed(path, tmp_path)
    assert (tmp_path / rows.UNPACKED).read_bytes() == whole
    assert not part.exists()
    done = max(0, min(kept, len(whole)) - 128) // (5 * 3072) * 5
    assert read == list(range(done, 36, 5))


def test_an_interruption_leaves_nothing_that_looks_whole(tmp_path, monkeypatch):
    path = draw_raw(tmp_path / "raw", compression="lzf", chunk=5)
    chunk_of = rows._read_chunk

    def stopped(path, images, first, some):
        if first == 20:
            raise KeyboardInterrupt
        chunk_of(path, images, first, some)

    monkeypatch.setattr(rows, "_read_chunk", stopped)
    with pytest.raises(KeyboardInterrupt):
        rows.unpack_if_compressed(path, tmp_path)
    assert not (tmp_path / rows.UNPACKED).exists()
    # The file itself can still be read, slowly.
    np.testing.assert_array_equal(read_all(path, tmp_path), stored(path)[0])
    monkeypatch.undo()
    rows.unpack_if_compressed(path, tmp_path)
    np.testing.assert_array_equal(read_all(path, tmp_path), stored(path)[0])


def damage(path, index):
    with h5py.File(path, "r") as file:
        chunk = file["imgs"].id.get_chunk_info(index)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + 64] = b"\xff" * 64
    path.write_bytes(content)


def test_a_damaged_chunk_is_named(tmp_path):
    path = draw_raw(tmp_path, compression="lzf", chunk=5)
    damage(path, 7)
    with pytest.raises(UserError, match="rows 35 to 35 of imgs .* filter ret"):
        rows.unpack_if_compressed(path, tmp_path)
    with pytest.raises(UserError, match="cannot be read: filter returned"):
        rows.read_row(path, "", 35)


def test_too_little_room_is_told_before_anything_is_written(
    tmp_path, monkeypatch
):
    path = draw_raw(tmp_path / "raw", compression="lzf")
    usage = shutil.disk_usage(tmp_path)._replace(free=10_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(UserError, match="0.1 MB of room in .*Received: 0.0 MB"):
        rows.unpack_if_compressed(path, tmp_path)
    assert not (tmp_path / f"{rows.UNPACKED}.part").stat().st_size


def test_a_file_that_was_cut_off_later_is_a_reason(tmp_path):
    path = draw_raw(tmp_path, compression="lzf")
    rows.unpack_if_compressed(path, tmp_path)
    os.truncate(tmp_path / rows.UNPACKED, 5000)
    rows.read_row(path, str(tmp_path), 0)
    with pytest.raises(
        UserError, match="cannot be read: rows.npy is too short"
    ):
        rows.read_row(path, str(tmp_path), 30)


@pytest.mark.parametrize("compression", [None, "lzf"])
def test_threads_and_forked_processes_read_the_same(tmp_path, compression):
    path = draw_raw(tmp_path, compression=compression)
    rows.unpack_if_compressed(path, tmp_path)
    expected = stored(path)[0]
    requested = [row % 36 for row in range(400)]
    calls = [(path, str(tmp_path), row) for row in requested]
    with futures.ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda call: rows.read_row(*call), calls))
    np.testing.assert_array_equal(read, expected[requested])
    # The parent's handle is open by now.
    with multiprocessing.get_context("fork").Pool(2) as pool:
        read = pool.starmap(rows.read_row, calls)
    np.testing.assert_array_equal(read, expected[requested])


def test_another_file_at_the_same_place_is_noticed(tmp_path):
    path = draw_raw(tmp_path)
    first = rows.read_row(path, "", 0)
    with h5py.File(tmp_path / "new", "w") as file:
        file["imgs"] = 255 - stored(path)[0].transpose(0, 3, 1, 2)
    os.replace(tmp_path / "new", path)
    np.testing.assert_array_equal(rows.read_row(path, "", 0), 255 - first)


MEMORY = """
import pathlib, random, sys
from data_prep.biggan_hdf5.rows import read_row, unpack_if_compressed

def peak():
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])

small, large = map(pathlib.Path, sys.argv[1:])
for path in (small, large):
    before = peak()
    unpack_if_compressed(path, path.parent)
    for row in random.Random(0).choices(range(4000), k=2000):
        read_row(path, str(path.parent), row % (4000 if path == large else 8))
print(peak() - before)
"""


def test_memory_stays_flat(tmp_path):
    # A process of its own: this one's peak is TensorFlow's.
    small = draw_raw(tmp_path / "small", 2, 4, 64, "lzf")
    large = tmp_path / "large" / "I64.hdf5"
    large.parent.mkdir()
    noise = np.random.default_rng(0).integers(0, 9, (500, 3, 64, 64), np.uint8)
    with h5py.File(large, "w") as file:
        images = file.create_dataset(
            "imgs", (4000, 3, 64, 64), "u1", chunks=noise.shape,
            compression="lzf",
        )  # fmt: skip
        for start in range(0, 4000, 500):
            images[start : start + 500] = noise
    grown = subprocess.run(
        [sys.executable, "-c", MEMORY, small, large],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # 48 MB of pictures; a chunk has 6 MB, packed and unpacked and copied.
    assert int(grown) < 24_000
