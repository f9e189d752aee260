import os

import pytest

from data_prep.glyphs.font_files import (
    faces_of,
    find_font_files,
    machine_folders,
)
from tests.data_prep.glyphs import fonts


def test_finds_fonts_wherever_they_lie(tmp_path):
    fonts.copy(fonts.SANS, tmp_path / "a" / "b")
    fonts.copy(fonts.SERIF, tmp_path).rename(tmp_path / "serif.TTF")
    (tmp_path / "readme.txt").write_text("no font")
    files, refused = find_font_files([tmp_path])
    assert set(files) == {"serif.TTF", "a/b/DejaVuSans.ttf"}
    assert refused == []


def test_links_that_loop_end(tmp_path):
    fonts.copy(fonts.SANS, tmp_path / "real")
    (tmp_path / "real" / "up").symlink_to(tmp_path)
    (tmp_path / "again").symlink_to(tmp_path / "real")
    (tmp_path / "same.ttf").symlink_to(tmp_path / "real" / "DejaVuSans.ttf")
    (tmp_path / "circle.ttf").symlink_to("circle.ttf")
    (tmp_path / "dead.otf").symlink_to("nowhere.otf")
    os.mkfifo(tmp_path / "pipe.ttf")
    files, refused = find_font_files([tmp_path, tmp_path / "real"])
    assert len(files) == 1
    assert dict(refused) == {
        "circle.ttf": "a link that leads in a circle",
        "dead.otf": "a link that leads nowhere",
        "pipe.ttf": "not a regular file",
    }


def test_a_collection_has_a_face_for_each_font(tmp_path):
    path = tmp_path / "two.ttc"
    fonts.save_collection(path, fonts.SANS, fonts.SERIF)
    found = [face.open().getname()[0] for face in faces_of(path)]
    assert found == ["DejaVu Sans", "DejaVu Serif"]


def test_a_variable_font_has_its_named_instances(tmp_path):
    path = fonts.save_variable(tmp_path / "growing.ttf")
    faces = list(faces_of(path))
    assert [face.instance for face in faces] == [b"Thin", b"Wide"]
    thin, wide = (face.open(100).getmask("A").getbbox() for face in faces)
    assert (thin[2], wide[2]) == (20, 60)


def test_what_is_no_font_is_an_error(tmp_path):
    path = tmp_path / "text.ttf"
    path.write_text("no font")
    with pytest.raises(OSError):
        list(faces_of(path))


def test_the_machine_has_folders_or_none():
    assert all(folder.is_dir() for folder in machine_folders())
