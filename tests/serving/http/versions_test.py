"""Tests of deepi2i_tf/serving/http/versions.py."""

import asyncio
import os
import shutil

import numpy as np
import pytest

from deepi2i_tf.serving.http import versions
from deepi2i_tf.serving.http.errors import Reason, Refused
from deepi2i_tf.serving.http.versions import ModelVersion, Versions
from deepi2i_tf.utils.errors import UserError


def lay(exported, folder, number):
    """A version, by links: whole at once."""
    version = folder / str(number)
    version.symlink_to(exported)
    return version


def states(model):
    return {int(s["version"]): s["state"] for s in model.status()}


def quickly(path, changed=lambda number, state: None):
    """Versions that are not warmed."""
    return Versions(str(path), lambda version: None, changed)


def test_versions_are_folders_of_numbers_that_hold_a_model(exported, tmp_path):
    lay(exported, tmp_path, 3)
    lay(exported, tmp_path, "0010")
    lay(exported, tmp_path, ".tmp-4")
    lay(exported, tmp_path, "5.5")
    (tmp_path / "6").mkdir()
    (tmp_path / "7").write_text("")
    assert set(versions.find_versions(str(tmp_path))) == {3, 10}
    assert versions.find_versions(exported) == {1: exported}
    assert set(versions.find_versions(str(tmp_path / "3"))) == {3}


@pytest.mark.parametrize("what", ["missing", "empty", "file"])
def test_a_folder_that_is_no_export_is_refused(tmp_path, what):
    path = tmp_path / what
    if what == "empty":
        path.mkdir()
    elif what == "file":
        path.write_text("x")
    with pytest.raises(UserError, match="Export one with deepi2i_tf.export"):
        Versions(str(path))


def test_the_highest_is_served_and_a_newer_one_takes_over(exported, tmp_path):
    lay(exported, tmp_path, 1)
    told = []
    model = quickly(tmp_path, lambda *state: told.append(state))
    with pytest.raises(Refused) as caught:
        model.get()
    assert caught.value.reason is Reason.NOT_READY

    async def work():
        await model.refresh()
        old = model.get()
        assert old is model.get(1) and old.number == 1
        lay(exported, tmp_path, 2)
        with old.lease():
            await model.refresh()
            assert model.get().number == 2
            assert states(model) == {1: "UNLOADING", 2: "AVAILABLE"}
            # Its rows are still answered.
            assert old.run("sample_z", {"seed": np.array([1])})
        assert states(model) == {1: "END", 2: "AVAILABLE"}
        assert old.translator is None
        with pytest.raises(Refused) as caught:
            model.get(1)
        assert caught.value.reason is Reason.NOT_FOUND
        # Taken away again: back to what is left.
        os.unlink(tmp_path / "2")
        await model.refresh()
        assert model.get().number == 1

    asyncio.run(work())
    assert told[:2] == [(1, "LOADING"), (1, "AVAILABLE")]


def test_one_that_does_not_load_is_told_and_the_old_stays(exported, tmp_path):
    lay(exported, tmp_path, 1)
    broken = tmp_path / "2"
    shutil.copytree(exported, broken)
    (broken / "variables" / "variables.index").unlink()
    model = quickly(tmp_path)

    async def work():
        await model.refresh()
        assert model.get().number == 1
        (told, _) = model.status()
        assert told["state"] == "END"
        assert told["status"]["error_code"] == "UNKNOWN"
        assert "Export it again" in told["status"]["error_message"]
        before = model.states[2]
        await model.refresh()
        assert model.states[2] is before  # not tried again
        # Until it is another.
        shutil.copy(
            f"{exported}/variables/variables.index", broken / "variables"
        )
        os.utime(broken / "saved_model.pb")
        await model.refresh()
        assert model.get().number == 2

    asyncio.run(work())


def test_one_that_does_not_warm_up_does_not_load(exported):
    def fail(version):
        raise RuntimeError("no memory for it")

    model = Versions(exported, fail)
    asyncio.run(model.refresh())
    assert model.current is None
    (told,) = model.status()
    assert told["status"]["error_message"] == "no memory for it"


def test_batches_are_padded_where_that_saves_traces(exported, monkeypatch):
    version = ModelVersion(exported, 1)
    seeds = np.arange(3)
    alone = version.run("sample_z", {"seed": seeds})["z"]
    assert version.max_batch == 16
    monkeypatch.setattr(version, "_on_gpu", True)
    called = []
    real = version.translator.signatures["sample_z"]

    def sample_z(seed):
        called.append(len(seed))
        return real(seed=seed)

    monkeypatch.setattr(
        version.translator, "_signatures", {"sample_z": sample_z}
    )
    padded = version.run("sample_z", {"seed": seeds})["z"]
    np.testing.assert_array_equal(padded, alone)
    assert called == [4]
