import shutil

import pytest
import tensorflow as tf

from deepi2i_tf.runs import checkpoints
from deepi2i_tf.utils.errors import UserError


def make_items(value=0.0, size=3):
    return {
        "network": tf.Variable(tf.fill([size], value)),
        "step": tf.Variable(0, dtype=tf.int64),
    }


def make(tmp_path, value=0.0, keep=2, size=3):
    items = make_items(value, size)
    return checkpoints.Checkpoints(tmp_path / "c", items, keep), items


def save_steps(tmp_path, *steps):
    store, items = make(tmp_path)
    for step in steps:
        items["network"].assign(tf.fill([3], float(step)))
        store.save(step, {"seconds": 1.5})
        store.remove_old()


def names(tmp_path):
    return sorted(path.name for path in (tmp_path / "c").iterdir())


def damage(tmp_path, step):
    file = tmp_path / "c" / f"step-{step:08d}" / "ckpt.data-00000-of-00001"
    content = bytearray(file.read_bytes())
    content[0] ^= 1
    file.write_bytes(content)


def test_the_newest_is_restored_and_the_old_are_removed(tmp_path):
    save_steps(tmp_path, 1, 2, 3)
    assert names(tmp_path) == ["step-00000002", "step-00000003"]
    store, items = make(tmp_path)
    meta, sentences = store.restore_newest()
    assert (meta["step"], meta["seconds"], sentences) == (3, 1.5, [])
    assert items["network"].numpy().tolist() == [3.0] * 3


def test_without_any_there_is_nothing_to_restore(tmp_path):
    assert make(tmp_path)[0].restore_newest() == (None, [])


def test_a_damaged_newest_falls_back_with_a_sentence(tmp_path):
    save_steps(tmp_path, 1, 2)
    damage(tmp_path, 2)
    store, items = make(tmp_path)
    meta, sentences = store.restore_newest()
    assert meta["step"] == 1
    assert "step-00000002 is damaged (ckpt.data" in sentences[0]
    assert items["network"].numpy().tolist() == [1.0] * 3


def test_damaged_ones_stand_aside_for_new_ones(tmp_path):
    save_steps(tmp_path, 1, 5)
    damage(tmp_path, 5)
    store, _ = make(tmp_path)
    store.restore_newest()
    store.save(2, {})
    assert names(tmp_path) == [
        "damaged-step-00000005",
        "step-00000001",
        "step-00000002",
    ]


def test_a_missing_file_is_damage(tmp_path):
    save_steps(tmp_path, 1, 2)
    (tmp_path / "c" / "step-00000002" / "checkpoint.json").unlink()
    assert make(tmp_path)[0].restore_newest()[0]["step"] == 1


def test_all_damaged_is_refused(tmp_path):
    save_steps(tmp_path, 1, 2)
    damage(tmp_path, 1)
    damage(tmp_path, 2)
    with pytest.raises(UserError, match="2, all damaged"):
        make(tmp_path)[0].restore_newest()


@pytest.mark.parametrize("change", ["shape", "missing", "extra"])
def test_another_architecture_is_refused(tmp_path, change):
    save_steps(tmp_path, 1)
    items = make_items(size=4 if change == "shape" else 3)
    if change == "missing":
        items["other"] = tf.Variable(0.0)
    if change == "extra":
        del items["network"]
    store = checkpoints.Checkpoints(tmp_path / "c", items, 2)
    with pytest.raises(UserError, match="another architecture"):
        store.restore_newest()


def test_the_best_stays_beside_the_newest(tmp_path):
    store, _ = make(tmp_path, keep=1)
    for step in (1, 2, 3):
        store.save(step, {"best": {"step": 1}})
        store.remove_old()
    assert names(tmp_path) == ["step-00000001", "step-00000003"]


def test_a_removal_that_is_killed_leaves_no_half_checkpoint(
    tmp_path, monkeypatch
):
    store, _ = make(tmp_path, keep=1)
    store.save(1, {})
    store.save(2, {})
    monkeypatch.setattr(shutil, "rmtree", lambda *path, **options: None)
    store.remove_old()
    assert names(tmp_path) == [".tmp-old-step-00000001", "step-00000002"]


def test_one_that_tells_nothing_of_itself_counts_as_any_other(tmp_path):
    save_steps(tmp_path, 1, 2)
    (tmp_path / "c" / "step-00000002" / "checkpoint.json").write_text("{")
    store, _ = make(tmp_path)
    store.save(3, {})
    store.remove_old()
    assert names(tmp_path) == ["step-00000002", "step-00000003"]


def test_leftovers_of_killed_writes_and_removals_are_removed(tmp_path):
    save_steps(tmp_path, 1)
    (tmp_path / "c" / ".tmp-step-00000002").mkdir()
    (tmp_path / "c" / ".tmp-old-step-00000000").mkdir()
    store, _ = make(tmp_path)
    store.remove_unfinished()
    assert names(tmp_path) == ["step-00000001"]


def test_a_write_that_fails_leaves_the_earlier_ones(tmp_path, monkeypatch):
    save_steps(tmp_path, 1)
    store, _ = make(tmp_path)

    def fail(self, path):
        del self, path
        raise tf.errors.ResourceExhaustedError(
            None, None, "No space left on device"
        )

    monkeypatch.setattr(tf.train.Checkpoint, "write", fail)
    with pytest.raises(UserError, match="no space left.*step 1 is untouched"):
        store.save(2, {})
    assert names(tmp_path) == ["step-00000001"]


def test_a_full_disk_is_refused(small_disk):
    store, _ = make(small_disk, size=100_000)
    store.save(1, {})
    with pytest.raises(UserError, match="no space left.*step 2 is untouched"):
        for step in range(2, 9):
            store.save(step, {})
    folder = small_disk / "c"
    assert not list(folder.glob(".tmp-*"))
    assert checkpoints.read_meta(folder / "step-00000002")[0]["step"] == 2


def metas(*checkpoints):
    """(step, scheduled, step of the best) of each."""
    return {
        step: {"scheduled": scheduled, "best": best and {"step": best}}
        for step, scheduled, best in checkpoints
    }


@pytest.mark.parametrize(
    ("there", "keep", "kept"),
    [
        ([], 2, set()),
        ([(2, True, None), (4, True, None), (6, True, None)], 2, {4, 6}),
        # One that a signal wrote takes no place, and stays while it is new.
        ([(4, True, None), (8, True, None), (9, False, None)], 1, {8, 9}),
        ([(8, True, None), (9, False, None), (12, True, None)], 1, {12}),
        ([(2, False, 2), (8, True, 2), (12, True, 2)], 1, {2, 12}),
        # 4 was overtaken by 9, but 8 still calls it the best.
        ([(4, True, 4), (8, True, 4), (9, False, 9)], 1, {4, 8, 9}),
        ([(4, True, 4), (8, True, 4), (12, True, 12)], 1, {12}),
        # The best has been deleted.
        ([(8, True, 4), (12, True, 4)], 1, {12}),
    ],
)
def test_the_newest_and_their_bests_stay(there, keep, kept):
    assert checkpoints.steps_to_keep(metas(*there), keep) == kept


def test_a_checkpoint_that_says_nothing_counts_as_scheduled():
    assert checkpoints.steps_to_keep({2: {}, 4: {}}, 1) == {4}


def test_what_a_rollback_may_return_to_stays_with_its_best():
    there = {
        1: {},
        2: {"best": {"step": 1}},
        3: {"best": {"step": 3}},
        4: {"vouched": [2]},
        5: {"vouched": [2, 4, 0]},
        6: {},
    }
    assert checkpoints.steps_to_keep(there, 1) == {6}
    assert checkpoints.steps_to_keep(there, 2) == {1, 2, 4, 5, 6}
