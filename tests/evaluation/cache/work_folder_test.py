import os

import numpy as np
import pytest

from deepi2i_tf.evaluation.cache.work_folder import WorkFolder
from deepi2i_tf.utils.errors import UserError


def _open(folder, key="one"):
    return WorkFolder(str(folder / "work"), key)


def test_what_was_saved_is_loaded_after_a_restart(tmp_path):
    with _open(tmp_path) as work:
        assert work.load("a") is None
        work.save("a", {"x": np.arange(3), "count": 7})
    with _open(tmp_path) as work:
        arrays = work.load("a")
        assert arrays["x"].tolist() == [0, 1, 2] and int(arrays["count"]) == 7
        work.remove()
    assert os.listdir(tmp_path) == []


def test_work_of_another_key_is_removed_and_said_so(tmp_path, capsys):
    with _open(tmp_path) as work:
        work.save("a", {"x": np.arange(3)})
    with _open(tmp_path, "other") as work:
        assert work.load("a") is None
    assert "another evaluation" in capsys.readouterr().out
    with _open(tmp_path) as work:
        assert work.load("a") is None


def test_a_file_that_is_torn_counts_as_missing(tmp_path):
    with _open(tmp_path) as work:
        work.save("a", {"x": np.arange(3)})
        with open(work.file("a.npz"), "r+b") as file:
            file.truncate(40)
        assert work.load("a") is None


def test_two_evaluations_do_not_share_a_folder(tmp_path):
    with _open(tmp_path):
        with pytest.raises(UserError, match="another evaluation works"):
            with _open(tmp_path):
                pass


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "work").write_text("a file")
    with pytest.raises(UserError, match="another --output"):
        with _open(tmp_path):
            pass
