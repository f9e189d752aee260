"""Tests of deepi2i_tf/utils/picture_files.py."""

import os
import runpy
import sys
import types

import pytest
from PIL import Image

from deepi2i_tf.utils import picture_files

HEIC_HEAD = b"\0\0\0\x18ftypheic"


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "._cat.jpg",
        ".AppleDouble",
        ".@__thumb",
        ".dropbox.cache",
        ".stfolder",
        ".git",
        ".ipynb_checkpoints",
        "@eaDir",
        "#recycle",
        "__MACOSX",
        "Thumbs.db",
        "THUMBS.DB",
        "desktop.ini",
        "Icon\r",
        "$RECYCLE.BIN",
        "System Volume Information",
        "lost+found",
    ],
)
def test_what_systems_leave_in_folders(name):
    assert picture_files.is_system_entry(name)


@pytest.mark.parametrize("name", ["cat.jpg", "Icon", "recycle", "@home", "#1"])
def test_what_the_user_put_there(name):
    assert not picture_files.is_system_entry(name)


def test_an_ending_says_picture_or_another_kind_or_nothing():
    kinds = {
        name: (
            picture_files.is_named_like_a_picture(name),
            picture_files.is_of_another_kind(name),
        )
        for name in ("a.JFIF", "a.heic", "a.jpg.json", "a.CR2", "a", "a.php")
    }
    assert kinds == {
        "a.JFIF": (True, False),
        "a.heic": (True, False),
        "a.jpg.json": (False, True),
        "a.CR2": (False, True),
        "a": (False, False),
        "a.php": (False, False),
    }


def test_no_format_that_is_read_counts_as_another_kind():
    read = {
        ending
        for ending, kind in Image.registered_extensions().items()
        if kind in picture_files.FORMATS
    }
    others = {e for e in read if picture_files.is_of_another_kind(f"a{e}")}
    assert not others
    # All but rare names of formats that have a common one.
    missing = read - picture_files.ENDINGS
    assert missing == {".avifs", ".j2c", ".jpc", ".pfm"}


def test_a_picture_is_known_by_its_content(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "cat", format="AVIF")
    (tmp_path / "text").write_text("hello")
    os.mkfifo(tmp_path / "fifo")
    assert picture_files.is_picture(tmp_path / "cat")
    assert not picture_files.is_picture(tmp_path / "text")
    assert not picture_files.is_picture(tmp_path / "fifo")
    assert not picture_files.is_picture(tmp_path / "gone")


def test_heic_is_named_with_the_extra_that_reads_it(monkeypatch):
    monkeypatch.setattr(picture_files, "FORMATS", ("JPEG",))
    told = picture_files.unread_format(HEIC_HEAD)
    assert told == "HEIC, which needs pip install 'deepi2i_tf[heif]'"
    assert picture_files.unread_format(b"\0\0\0\x18ftypmp42") == ""
    assert picture_files.unread_format(b"short") == ""


def test_a_damaged_file_is_not_told_to_be_of_an_unknown_format(monkeypatch):
    told = picture_files.unread_format(b"\0\0\0\x18ftypavif")
    assert told == "truncated or damaged: no picture in this AVIF file"
    monkeypatch.setattr(picture_files, "FORMATS", ("HEIF",))
    told = picture_files.unread_format(HEIC_HEAD)
    assert told == "truncated or damaged: no picture in this HEIC file"


def test_with_the_extra_heic_is_a_format_like_the_others(monkeypatch):
    registered = []
    reader = types.ModuleType("pillow_heif")
    reader.register_heif_opener = lambda: registered.append("HEIF")
    monkeypatch.setitem(sys.modules, "pillow_heif", reader)
    formats = runpy.run_path(picture_files.__file__)["FORMATS"]
    assert registered == ["HEIF"]
    assert formats[-1] == "HEIF"


def test_without_it_heic_is_not_tried(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    formats = runpy.run_path(picture_files.__file__)["FORMATS"]
    assert formats[-1] == "AVIF"


def test_what_was_passed_over_is_told_in_one_line(capsys):
    names = ["a.txt", "b.TXT", "c.json", "d", "e.\udcff"]
    picture_files.tell_passed_over("photos", names)
    told = capsys.readouterr().err
    assert told == (
        "Passed over, no pictures: 5 files in photos "
        "(2 .txt, 2 without ending, 1 .json).\n"
    )
    picture_files.tell_passed_over("photos", [])
    assert capsys.readouterr().err == ""


def test_many_endings_are_not_all_listed(capsys):
    names = [f"a.{chr(97 + index)}" for index in range(10)]
    picture_files.tell_passed_over("photos", names)
    assert "1 .h, 2 more)." in capsys.readouterr().err
