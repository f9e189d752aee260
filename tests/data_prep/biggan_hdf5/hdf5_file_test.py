import os
import re
import shutil

import h5py
import numpy as np
import pytest

from data_prep.biggan_hdf5.hdf5_file import find_file, open_file, read_content
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.biggan_hdf5.draw_raw import draw_raw, stored
from tests.data_prep.picture_files import without_rights

IMAGES = np.zeros((6, 3, 16, 16), np.uint8)
LABELS = np.array([0, 0, 0, 1, 1, 1])


def write(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, data in datasets.items():
            file[name] = data
    return path


def refusal(path):
    with pytest.raises(UserError) as refused:
        read_content(path)
    message = str(refused.value)
    assert "\n" not in message and message.count(str(path)) == 1
    return message


def test_the_file_or_its_folder_may_be_given(tmp_path):
    path = draw_raw(tmp_path / "raw")
    assert find_file(str(path)) == path
    (path.parent / f"._{path.name}").write_text("as macOS leaves it")
    assert find_file(str(tmp_path / "raw")) == path
    (tmp_path / "link").symlink_to(path)
    assert find_file(str(tmp_path / "link")) == tmp_path / "link"


def test_a_folder_must_hold_exactly_one(tmp_path):
    with pytest.raises(UserError, match="Received: none"):
        find_file(str(tmp_path))
    (tmp_path / "a.hdf5").touch()
    (tmp_path / "b.H5").touch()
    with pytest.raises(UserError, match="a.hdf5, b.H5"):
        find_file(str(tmp_path))
    with pytest.raises(UserError, match="Received: nothing there"):
        find_file(str(tmp_path / "c.hdf5"))


@pytest.mark.timeout(60)
def test_a_fifo_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.hdf5")
    with pytest.raises(UserError, match="no regular file there"):
        find_file(str(tmp_path / "a.hdf5"))


@pytest.mark.parametrize(
    ("chunk", "compression"),
    [(None, None), (7, None), (500, None), (7, "lzf"), (500, "gzip")],
)
def test_content_of_every_layout(tmp_path, chunk, compression):
    path = draw_raw(tmp_path, chunk=chunk, compression=compression)
    content = read_content(path)
    assert content.path == path and content.side == 32
    assert content.labels.dtype == np.int64
    np.testing.assert_array_equal(content.labels, stored(path)[1])
    # The sum is of what is stored, not of how.
    plain = read_content(draw_raw(tmp_path / "plain"))
    assert content.sha256 == plain.sha256


def test_the_sum_tells_files_apart(tmp_path):
    path = draw_raw(tmp_path)
    before = read_content(path).sha256
    copy = shutil.copy(path, tmp_path / "copy.hdf5")
    assert read_content(copy).sha256 == before
    with h5py.File(path, "a") as file:
        file["labels"][0] = 1
    with h5py.File(copy, "a") as file:
        file["imgs"][...] = 255 - file["imgs"][...]
    assert (
        len({before, read_content(path).sha256, read_content(copy).sha256}) == 3
    )


def test_labels_of_other_whole_numbers_are_taken(tmp_path):
    path = write(tmp_path / "a", imgs=IMAGES, labels=LABELS.astype(np.uint8))
    assert read_content(path).labels.tolist() == LABELS.tolist()


@pytest.mark.parametrize(
    ("datasets", "message"),
    [
        ({}, "hold data sets imgs and labels. Received: nothing"),
        ({"imgs": IMAGES, "label": LABELS}, "Received: imgs, label."),
        ({"x/imgs": IMAGES, "x/labels": LABELS}, "Received: x."),
        ({"imgs/x": IMAGES, "labels": LABELS}, "Received: imgs, labels."),
        ({"imgs": IMAGES / 2, "labels": LABELS}, "float64 (6, 3, 16, 16)"),
        (
            {"imgs": IMAGES.transpose(0, 2, 3, 1), "labels": LABELS},
            "uint8 (6, 16, 16, 3)",
        ),
        ({"imgs": IMAGES[:, :, :9], "labels": LABELS}, "uint8 (6, 3, 9, 16)"),
        ({"imgs": IMAGES[..., :4, :4], "labels": LABELS}, "R of at least 8"),
        ({"imgs": IMAGES[0], "labels": LABELS}, "uint8 (3, 16, 16)"),
        ({"imgs": IMAGES, "labels": LABELS / 2}, "float64 (6,)"),
        ({"imgs": IMAGES, "labels": LABELS[:, None]}, "int64 (6, 1)"),
        ({"imgs": IMAGES, "labels": LABELS[:5]}, "5 labels"),
    ],
)
def test_other_content_is_refused_with_what_is_there(
    tmp_path, datasets, message
):
    assert message in refusal(write(tmp_path / "a.hdf5", **datasets))


@pytest.mark.parametrize("content", [b"", b"PK\3\4 a zip", b"\x89HDF\r\n"])
def test_what_is_no_hdf5_is_refused(tmp_path, content):
    path = tmp_path / "a.hdf5"
    path.write_bytes(content)
    message = repr(content) if content else "no bytes"
    assert message in refusal(path)


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
@pytest.mark.parametrize("compression", [None, "lzf"])
def test_a_truncated_file_is_refused(tmp_path, compression, kept):
    path = draw_raw(tmp_path, compression=compression)
    size = path.stat().st_size
    os.truncate(path, int(size * kept))
    assert re.search(f"truncated file: .*stored_eof = {size}", refusal(path))


def test_a_damaged_chunk_is_refused(tmp_path):
    path = draw_raw(tmp_path, compression="lzf")
    with h5py.File(path, "r") as file:
        chunk = file["imgs"].id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + 64] = b"\xff" * 64
    path.write_bytes(content)
    assert "filter returned failure" in refusal(path)


def test_no_right_to_read(tmp_path):
    path = draw_raw(tmp_path)
    path.chmod(0)
    with without_rights():
        assert "Received: Permission denied." in refusal(path)


def test_a_row_is_read_without_its_chunk(tmp_path):
    # A chunk would fit into the cache that HDF5 has if it is not told.
    path = draw_raw(tmp_path, num_photos=200, side=16)

    def num_bytes_read():
        with open("/proc/self/io", encoding="ascii") as file:
            return int(file.readline().split()[1])

    rows = np.random.default_rng(0).integers(0, 600, 100)
    with open_file(path) as file:
        images = file["imgs"]
        assert images.chunks[0] == 500
        before = num_bytes_read()
        for row in rows:
            images[row]
        spent = num_bytes_read() - before
    # 77 kB of rows, out of chunks of 384 kB.
    assert spent < 4 * 100 * 3 * 16 * 16
