import fcntl

import pytest

from data_prep.writing.staging import staging
from deepi2i_tf.utils.errors import UserError


def interrupt(folder, purpose, name="part"):
    """Leaves a piece of work behind, as Ctrl-C would."""
    with pytest.raises(KeyboardInterrupt):
        with staging(folder, purpose) as (work, _):
            (work / name).write_text("done")
            raise KeyboardInterrupt


def test_interrupted_work_is_found_again(tmp_path):
    interrupt(tmp_path / "s", {"of": 1})
    with staging(tmp_path / "s", {"of": 1}) as (work, scratch):
        assert (work / "part").read_text() == "done"
        assert not list(scratch.iterdir())
    assert not (tmp_path / "s").exists()


def test_other_work_is_not_taken_for_it(tmp_path):
    interrupt(tmp_path / "s", {"of": 1})
    with staging(tmp_path / "s", {"of": 2}) as (work, _):
        assert not list(work.iterdir())


def test_what_was_killed_is_found_again(tmp_path):
    interrupt(tmp_path / "s", {"of": 1})
    # TFDS's folder, half written, is of no use.
    (tmp_path / "s" / "tfds" / "half").write_text("half")
    with staging(tmp_path / "s", {"of": 1}) as (work, scratch):
        assert (work / "part").exists()
        assert not (scratch / "half").exists()


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        with staging(tmp_path / "s", {}):
            raise ZeroDivisionError
    assert not list(tmp_path.iterdir())


def test_two_at_once_are_kept_apart(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    with open(folder / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UserError, match="another process"):
            with staging(folder, {}):
                pass
    assert folder.exists()
