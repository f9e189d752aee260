import io

from deepi2i_tf.runs import console_log


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_rewrites_its_line_and_the_file_keeps_each(tmp_path):
    stream = Terminal()
    log = console_log.RunLog(tmp_path / "log.txt", stream)
    log.say("begin")
    log.progress("step 1")
    log.progress("step 2")
    log.say("end")
    assert stream.getvalue() == ("begin\n\rstep 1\033[K\rstep 2\033[K\nend\n")
    expected = "begin\nstep 1\nstep 2\nend\n"
    assert (tmp_path / "log.txt").read_text() == expected


def test_a_pipe_gets_a_line_for_each(tmp_path):
    stream = io.StringIO()
    log = console_log.RunLog(tmp_path / "log.txt", stream)
    log.progress("step 1")
    log.progress("step 2")
    assert stream.getvalue() == "step 1\nstep 2\n"


def test_progress_text():
    text = console_log.progress_text(10, 100, 2.0, 32, {"loss": 0.51249})
    assert text == (
        "step 10/100  2.00 steps/s  64 images/s  45 s left  loss 0.512"
    )


def test_a_worker_says_who_it_is_and_keeps_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stream = io.StringIO()
    log = console_log.RunLog(None, stream, "Worker 1: ")
    log.say("begin")
    assert stream.getvalue() == "Worker 1: begin\n"
    assert not list(tmp_path.iterdir())
