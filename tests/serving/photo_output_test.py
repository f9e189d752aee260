import os

import numpy as np
import pytest

from deepi2i_tf.serving import photo_output
from deepi2i_tf.serving.tracks import Frame, Track
from deepi2i_tf.utils.errors import UserError


def _track(*suffixes):
    z = np.zeros(2, np.float32)
    return Track("", tuple(Frame(0, 0, 0.0, z, "", each) for each in suffixes))


def test_png_is_a_sheet_and_all_else_a_folder():
    assert photo_output.is_sheet("a/out.PNG")
    assert not photo_output.is_sheet("out")
    assert not photo_output.is_sheet("out.png/")


def test_a_sheet_is_one_file():
    tracks = [_track("cat", "dog")]
    assert photo_output.file_names("o.png", ["a.jpg", "b"], tracks) == ["o.png"]


def test_every_picture_has_its_file_photo_by_photo():
    tracks = [_track("cat", "dog"), _track("fox")]
    assert photo_output.file_names("o", ["in/a.jpg", "in/b.c.png"], tracks) == [
        "o/a--cat.png",
        "o/a--dog.png",
        "o/a--fox.png",
        "o/b.c--cat.png",
        "o/b.c--dog.png",
        "o/b.c--fox.png",
    ]


def test_photos_of_one_stem_keep_their_extensions():
    names = photo_output.file_names(
        "o", ["a.jpg", "a.png", "b.jpg"], [_track("cat")]
    )
    assert names == ["o/a.jpg--cat.png", "o/a.png--cat.png", "o/b--cat.png"]


def test_a_new_output_is_fine(tmp_path):
    for name in ("out", "out.png"):
        photo_output.check(str(tmp_path / name), [], [], overwrite=False)


def test_an_output_of_the_wrong_kind_is_refused(tmp_path):
    (tmp_path / "a.png").mkdir()
    (tmp_path / "file").write_text("text")
    for name, what in (("a.png", "a folder"), ("file", "a file")):
        with pytest.raises(UserError, match=f"which is {what}"):
            photo_output.check(str(tmp_path / name), [], [], overwrite=True)


def test_only_files_of_the_job_count_as_existing(tmp_path):
    (tmp_path / "a.png").write_text("old")
    output, path = str(tmp_path), str(tmp_path / "a.png")
    photo_output.check(output, [path + ".png"], [], overwrite=False)
    photo_output.check(output, [path], [], overwrite=True)
    with pytest.raises(UserError, match="--overwrite"):
        photo_output.check(output, [path], [], overwrite=False)


def test_a_photo_is_never_replaced_not_even_by_another_name(tmp_path):
    photo, link = str(tmp_path / "a.png"), str(tmp_path / "b.png")
    (tmp_path / "a.png").write_text("photo")
    os.symlink(photo, link)
    for path in (photo, link):
        with pytest.raises(UserError, match="leave the photos alone"):
            photo_output.check(path, [path], [photo], overwrite=True)


def test_too_large_a_sheet_is_refused(monkeypatch):
    monkeypatch.setattr(photo_output, "MAX_SHEET_PIXELS", 5 * 96 * 96)
    photo_output.check_sheet(5, 32)
    with pytest.raises(UserError, match="at most 5 pictures .* Received: 6"):
        photo_output.check_sheet(6, 32)
