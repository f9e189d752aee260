import errno
import fcntl
import os

import pytest

from data_prep.reading.manifest import faults, read_manifest
from data_prep.writing import preparation
from deepi2i_tf.utils.errors import UserError


def shard_bytes(folder):
    return {p.name: p.read_bytes() for p in folder.glob("*.tfrecord-*")}


def test_a_prepared_folder_is_whole(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    assert folder == tmp_path / "creatures" / "r16_c3_n30_s0" / "1.0.0"
    manifest = read_manifest(folder)
    assert not faults(folder, manifest)
    assert manifest["class_names"] == ["panda", "rabbit", "tiger"]
    assert manifest["counts"]["panda"] == {"train": 9, "test": 1}
    assert manifest["resolution"] == 16 and manifest["refused"] == 0
    assert manifest["splits"]["train"]["num_examples"] == 27
    assert len(manifest["splits"]["train"]["shards"]) == 2
    assert (folder / "refused.tsv").read_text() == "file\treason\n"
    assert (folder / "contact_sheet.png").stat().st_size
    assert [path.name for path in tmp_path.iterdir()] == ["creatures"]


def test_twice_gives_the_same_bytes(tmp_path, prepare_creatures):
    first = prepare_creatures(tmp_path / "a")
    second = prepare_creatures(tmp_path / "b")
    assert len(shard_bytes(first)) == 4
    assert shard_bytes(first) == shard_bytes(second)


def test_another_seed_gives_other_bytes(tmp_path, prepare_creatures):
    first = shard_bytes(prepare_creatures(tmp_path))
    second = shard_bytes(prepare_creatures(tmp_path, seed=1))
    assert not set(first.values()) & set(second.values())


def test_the_same_source_stands_already(tmp_path, prepare_creatures, capsys):
    folder = prepare_creatures(tmp_path)
    before = (folder / "manifest.json").stat().st_mtime_ns
    assert prepare_creatures(tmp_path) == folder
    assert "Stands already" in capsys.readouterr().out
    assert (folder / "manifest.json").stat().st_mtime_ns == before


def test_another_source_is_refused(
    tmp_path, prepare_folder, draw_photos, capsys
):
    data_dir = tmp_path / "data"
    first = draw_photos(tmp_path / "one", cat=4, dog=4)
    folder = prepare_folder(first, data_dir)
    before = shard_bytes(folder)
    second = draw_photos(tmp_path / "two", cat=4, dog=5)
    with pytest.raises(UserError, match="another --data_dir"):
        prepare_folder(second, data_dir)
    assert shard_bytes(folder) == before
    # The same pictures elsewhere are the same source.
    first.rename(tmp_path / "moved")
    assert prepare_folder(tmp_path / "moved", data_dir) == folder


def test_refusals_are_listed_when_it_fails(
    tmp_path, prepare_folder, draw_photos
):
    root = draw_photos(tmp_path / "photos", cat=4, dog=4)
    (root / "cat" / "broken.jpg").write_text("no")
    data_dir = tmp_path / "data"
    with pytest.raises(UserError, match="--max_refused"):
        prepare_folder(root, data_dir, max_refused=0.0)
    (left,) = data_dir.iterdir()
    assert left.name == "refused-image_folder-r16.tsv"
    assert "cat/broken.jpg\tnot an image" in left.read_text()


def test_leftovers_of_a_crash_are_cleared(tmp_path, prepare_creatures):
    staging = tmp_path / ".preparing-creatures-r16_c3_n30_s0"
    (staging / "work" / "creatures").mkdir(parents=True)
    (staging / "work" / "half-a-shard").write_bytes(b"half")
    prepare_creatures(tmp_path)
    assert not staging.exists()


def test_two_at_once_are_kept_apart(tmp_path, prepare_creatures):
    staging = tmp_path / ".preparing-creatures-r16_c3_n30_s0"
    staging.mkdir()
    with open(staging / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another process"):
            prepare_creatures(tmp_path)
    assert staging.exists()


def test_a_full_disk_is_one_sentence(tmp_path, prepare_creatures, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(preparation, "write_manifest", full)
    with pytest.raises(UserError, match="No space left on device.*--data_dir"):
        prepare_creatures(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_data_dir_that_is_a_file(tmp_path, prepare_creatures):
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="Expected to write below"):
        prepare_creatures(tmp_path / "file")


def test_defects_keep_their_traceback(tmp_path, prepare_creatures, monkeypatch):
    def defect(*_):
        raise KeyError("defect")

    monkeypatch.setattr(preparation, "write_manifest", defect)
    with pytest.raises(KeyError):
        prepare_creatures(tmp_path)


def test_a_folder_without_manifest_is_not_taken_for_whole(
    tmp_path, prepare_creatures
):
    folder = prepare_creatures(tmp_path)
    (folder / "manifest.json").unlink()
    with pytest.raises(UserError, match="prepare it again"):
        prepare_creatures(tmp_path)
