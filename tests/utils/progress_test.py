import sys

from deepi2i_tf.utils import progress


def test_no_terminal_gets_lines_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_PER_LINE", 0.0)
    with progress.progress_bar("classes", 3, done=1) as bar:
        bar.update()
        bar.update()
    captured = capsys.readouterr()
    lines = captured.err.splitlines()
    assert lines[0].startswith("classes: 1 of 3, ")
    assert lines[-1] == "classes: 3 of 3, 00:00 left"
    assert "\r" not in captured.err and captured.out == ""


def test_short_work_says_nothing(capsys):
    with progress.progress_bar("classes", 3) as bar:
        bar.update(3)
    assert capsys.readouterr().err == ""


def test_a_terminal_gets_a_bar_that_is_rewritten(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress.progress_bar("classes", 3) as bar:
        bar.update(3)
    assert "\rclasses: " in capsys.readouterr().err
