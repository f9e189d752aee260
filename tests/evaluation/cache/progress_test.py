import pytest

from deepi2i_tf.evaluation.cache import progress


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_tells_every_ten_seconds_what_is_left(clock):
    said = []
    counted = progress.Progress("files", 100, 10, said.append)
    for _ in range(5):
        clock[0] += 4.0
        counted.add(8)
    # 24 files in 12 seconds; 66 are left.
    assert said == ["evaluate: files 34 of 100, about 33 s left"]


def test_tells_at_once_where_it_is_asked_to(clock):
    said = []
    counted = progress.Progress("classes", 2, 0, said.append)
    for _ in range(2):
        clock[0] += 600.0
        counted.add(1, always=True)
    assert said == [
        "evaluate: classes 1 of 2, about 10 min left",
        "evaluate: classes 2 of 2",
    ]
