import errno
import shutil
import zipfile

import numpy as np
import pytest

from deepi2i_tf.pytorch.checkpoint_files import find_checkpoint_files
from deepi2i_tf.torch_files import write_tensors
from deepi2i_tf.utils.errors import UserError

OTHERS = ("G_optim.pth", "D_optim.pth", "state_dict.pth", "G_best0.pth")


@pytest.fixture
def folder(tmp_path):
    """The published folder, each file with a number of its own."""
    inner = tmp_path / "weights" / "138k"
    inner.mkdir(parents=True)
    for number, name in enumerate(("G", "G_ema", "D")):
        value = np.full(3, number, np.float32)
        write_tensors(inner / f"{name}.pth", {"a": value})
    for name in OTHERS:
        (inner / name).write_bytes(b"not read")
    # What macOS puts into folders and zips.
    (inner / "._G.pth").write_bytes(b"not read")
    return tmp_path / "weights"


def packed(folder, path, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return path


def numbers(found):
    read = {stem: file.read() for stem, file in found.files.items()}
    return {stem: tensors["a"].value[0] for stem, tensors in read.items()}


def test_a_folder_is_searched_at_any_depth(folder):
    for given in (folder, folder / "138k"):
        found = find_checkpoint_files(str(given))
        assert numbers(found) == {"G": 0, "G_ema": 1, "D": 2}
        names = {other.rpartition("/")[2] for other in found.others}
        assert names == {*OTHERS, "._G.pth"}


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
)
@pytest.mark.parametrize("name", ["138k.zip", "138k.download"])
def test_a_zip_is_read_where_it_lies(compression, name, folder, tmp_path):
    path = packed(folder, tmp_path / name, compression)
    before = sorted(tmp_path.rglob("*"))
    found = find_checkpoint_files(str(path))
    assert numbers(found) == {"G": 0, "G_ema": 1, "D": 2}
    assert found.files["D"].name == "D.pth"
    assert sorted(tmp_path.rglob("*")) == before


def test_bare_files_of_any_name(folder):
    inner = folder / "138k"
    (inner / "G_ema.pth").rename(inner / "cats.pth")
    found = find_checkpoint_files(str(inner / "cats.pth"))
    assert numbers(found) == {"G_ema": 1}
    found = find_checkpoint_files(str(inner / "G.pth"), str(inner / "D.pth"))
    assert numbers(found) == {"G": 0, "D": 2}


def test_a_half_downloaded_zip_is_refused(folder, tmp_path):
    path = packed(folder, tmp_path / "138k.zip")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(UserError, match="138k.zip.*half-downloaded.*again"):
        find_checkpoint_files(str(path))


def test_a_web_page_in_place_of_a_zip_is_named(tmp_path):
    path = tmp_path / "138k.zip"
    path.write_bytes(b"<!DOCTYPE html>")
    found = find_checkpoint_files(str(path))
    with pytest.raises(UserError, match="a web page"):
        found.files["G_ema"].read()


def test_a_checkpoint_of_another_ending_is_one(folder):
    inner = folder / "138k"
    (inner / "G.pth").rename(inner / "pytorch_model.bin")
    found = find_checkpoint_files(str(inner / "pytorch_model.bin"))
    assert numbers(found) == {"G_ema": 0}


def test_no_room_to_unpack_is_told(folder, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    found = find_checkpoint_files(str(packed(folder, tmp_path / "138k.zip")))
    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(UserError, match="No space left.*set TMPDIR"):
        found.files["D"].read()


def test_a_damaged_member_is_refused(folder, tmp_path):
    path = packed(folder, tmp_path / "138k.zip", zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(np.full(3, 2, np.float32).tobytes())] ^= 1
    path.write_bytes(content)
    found = find_checkpoint_files(str(path))
    with pytest.raises(UserError, match="D.pth in .*damaged.*CRC"):
        found.files["D"].read()


def renamed(folder, suffix):
    """The published folder's files with a suffix."""
    inner = folder / "138k"
    for stem in ("G", "G_ema", "D"):
        (inner / f"{stem}.pth").rename(inner / f"{stem}{suffix}.pth")
    (inner / "G_best0.pth").unlink(missing_ok=suffix == "_best0")
    return inner


@pytest.mark.parametrize("suffix", ["_best1", "_copy0", "_138k.ema"])
def test_files_of_one_suffix_belong_together(folder, suffix):
    inner = renamed(folder, suffix)
    found = find_checkpoint_files(str(folder))
    assert numbers(found) == {"G": 0, "G_ema": 1, "D": 2}
    assert found.suffix == suffix
    found = find_checkpoint_files(str(inner / f"G_ema{suffix}.pth"))
    assert numbers(found) == {"G_ema": 1}
    assert found.discriminator == str(inner / f"D{suffix}.pth")
    found = find_checkpoint_files(
        str(inner / f"G{suffix}.pth"), str(inner / f"D{suffix}.pth")
    )
    assert numbers(found) == {"G": 0, "D": 2} and not found.discriminator


def test_of_several_suffixes_one_is_to_be_named(folder):
    inner = renamed(folder, "_copy0")
    write_tensors(inner / "G_copy1.pth", {"a": np.zeros(3, np.float32)})
    with pytest.raises(UserError, match="2 checkpoints, _copy0, _copy1. Give"):
        find_checkpoint_files(str(folder))


def test_safetensors_are_found_by_their_ending(tmp_path):
    for name in ("G_ema.safetensors", "D.safetensors"):
        (tmp_path / name).write_bytes(b"")
    found = find_checkpoint_files(str(tmp_path))
    assert sorted(found.files) == ["D", "G_ema"]


def test_networks_of_one_file_are_told_apart(tmp_path):
    path = tmp_path / "checkpoint.pth"
    write_tensors(path, {"a": np.zeros(3, np.float32)})
    with zipfile.ZipFile(path) as archive:
        inner = archive.read("archive/data.pkl")[2:-1]
    pickled = b"\x80\x02}"
    for key in (b"D", b"G", b"G_ema"):
        renamed_inner = inner.replace(
            b"X\x01\0\0\0a", b"X\x01\0\0\0" + key[-1:]
        )
        pickled += b"X" + len(key).to_bytes(4, "little") + key
        pickled += renamed_inner + b"s"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled + b".")
        archive.writestr("archive/data/0", bytes(12))
    found = find_checkpoint_files(str(path), str(path))
    names = {stem: list(file.read()) for stem, file in found.files.items()}
    assert names == {"G_ema": ["a"], "D": ["D"]}


def test_what_cannot_be_found_is_refused(folder, tmp_path):
    with pytest.raises(UserError, match="a path where nothing is"):
        find_checkpoint_files(str(tmp_path / "none"))
    with pytest.raises(UserError, match="a path where nothing is"):
        find_checkpoint_files(
            str(folder / "138k" / "G.pth"), str(tmp_path / "D.pth")
        )
    for name in ("G.pth", "G_ema.pth", "G_best0.pth"):
        (folder / "138k" / name).unlink()
    with pytest.raises(UserError, match="Expected G.pth or G_ema.pth.*D"):
        find_checkpoint_files(str(folder))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="Received: nothing"):
        find_checkpoint_files(str(tmp_path / "empty"))


def test_two_of_one_name_are_refused(folder):
    (folder / "other").mkdir()
    (folder / "other" / "D.pth").write_bytes(b"another")
    with pytest.raises(UserError, match="one D.pth.*138k/D.pth and .*other/D"):
        find_checkpoint_files(str(folder))


def test_a_discriminator_beside_a_folder_is_refused(folder):
    with pytest.raises(UserError, match="--discriminator beside the file"):
        find_checkpoint_files(str(folder), str(folder / "138k" / "D.pth"))


def test_biggan_deep_is_refused_by_name(tmp_path):
    path = tmp_path / "biggan-deep-128"
    path.mkdir()
    with pytest.raises(UserError, match="a BigGAN-deep by its name"):
        find_checkpoint_files(str(path))
