import os
import socket

import pytest

from data_prep.image_folder.folder_content import read_folder
from deepi2i_tf.utils.errors import UserError
from tests.data_prep.picture_files import without_rights


def names(paths):
    return [path.name for path in paths]


def test_entries_are_told_apart_and_sorted(tmp_path):
    for name in ("b", "a", "ä ö"):
        (tmp_path / name).write_bytes(b"x" * len(name))
    (tmp_path / "folder").mkdir()
    (tmp_path / "to folder").symlink_to("folder")
    (tmp_path / "to file").symlink_to("ä ö")
    content = read_folder(tmp_path)
    assert names(content.files) == ["a", "b", "to file", "ä ö"]
    assert list(content.files.values()) == [1, 1, 3, 3]
    assert names(content.folders) == ["folder", "to folder"]
    assert not content.refused


def test_what_systems_leave_there_is_passed_over(tmp_path):
    for name in (".a", "Thumbs.db", "desktop.ini", "__MACOSX"):
        (tmp_path / name).touch()
    (tmp_path / "@eaDir" / "cat.jpg").mkdir(parents=True)
    (tmp_path / ".gone").symlink_to("nowhere")
    content = read_folder(tmp_path)
    assert not any(vars(content).values())


def test_what_lies_beside_pictures_is_counted(tmp_path):
    for name in ("a.jpg", "a.jpg.json", "a.TXT", "b", "c.xyz"):
        (tmp_path / name).touch()
    content = read_folder(tmp_path)
    assert names(content.files) == ["a.jpg", "b", "c.xyz"]
    assert content.others == ["a.TXT", "a.jpg.json"]


@pytest.mark.timeout(60)
def test_what_is_neither_file_nor_folder_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "fifo.jpg")
    (tmp_path / "device").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        # Whose path must be shorter than those of pytest's folders.
        monkeypatch.chdir(tmp_path)
        server.bind("socket.jpg")
        content = read_folder(tmp_path)
    assert not content.files
    assert names(content.refused) == ["device", "fifo.jpg", "socket.jpg"]
    assert set(content.refused.values()) == {"not a regular file"}


def test_a_link_to_a_folder_above_is_refused_however_it_is_reached(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "up").symlink_to("../..")
    (folder / "here").symlink_to(".")
    (folder / "beside").symlink_to(tmp_path)
    (tmp_path / "c").symlink_to("a")
    for place in (folder, tmp_path / "c" / "b"):
        content = read_folder(place)
        assert names(content.refused) == ["beside", "here", "up"]
        assert not content.folders


def test_what_may_not_be_seen_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "a.jpg").touch()
    (tmp_path / "photos" / "a.jpg").symlink_to("../locked/a.jpg")
    (tmp_path / "locked").chmod(0)
    tmp_path.chmod(0o755)
    here = tmp_path / "photos"
    try:
        with without_rights():
            content = read_folder(here.relative_to(tmp_path))
            with pytest.raises(UserError, match="Received: Permission denied"):
                read_folder((tmp_path / "locked").relative_to(tmp_path))
    finally:
        (tmp_path / "locked").chmod(0o755)
    assert list(content.refused.values()) == ["Permission denied"]
