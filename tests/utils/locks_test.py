import os

from deepi2i_tf.utils.locks import lock_holder, take_lock


def test_a_lock_has_one_holder_until_it_is_closed(tmp_path):
    path = tmp_path / ".lock"
    lock = take_lock(path)
    assert take_lock(path) is None
    assert lock_holder(path) == str(os.getpid())
    os.close(lock)
    path.write_text("")
    assert lock_holder(path) == "unknown"
    os.close(take_lock(path))
