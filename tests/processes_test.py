import importlib.util
import os
import signal

import pytest

from tests import processes

HERE = """
import os, sys
print("loaded", "tensorflow" in sys.modules, os.environ["WORD"], os.getcwd())
print(sys.argv[1:], file=sys.stderr)
sys.exit(3)
"""


@pytest.fixture
def script(tmp_path):
    """Writes a script, gives its path."""

    def write(text):
        path = tmp_path / "script.py"
        path.write_text(text)
        return str(path)

    return write


@pytest.mark.parametrize("name", processes.LOADED)
def test_what_the_server_loads_exists(name):
    # The server itself passes over what it cannot import.
    assert importlib.util.find_spec(name)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_process_has_arguments_environment_and_folder(
    script, tmp_path, fresh
):
    code, out, err = processes.run(
        script(HERE), "--a", 2, env={"WORD": "w"}, cwd=tmp_path, fresh=fresh
    )
    assert (code, err) == (3, "['--a', '2']\n")
    assert out == f"loaded {not fresh} w {tmp_path}\n"


def test_a_defect_is_1_and_a_traceback(script):
    code, _, err = processes.run(script("1 / 0"))
    assert code == 1
    assert "ZeroDivisionError" in err


def test_signals_reach_it_and_its_words_are_heard_on_the_way(script):
    process = processes.start(
        script("import time\nprint('here', flush=True)\ntime.sleep(600)")
    )
    while process.said()[0] != "here\n":
        assert process.poll() is None
    assert process.pid != os.getpid()
    process.send_signal(signal.SIGTERM)
    assert process.wait().code == -signal.SIGTERM
    process.kill()  # of what is gone, nothing
