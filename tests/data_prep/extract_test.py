import subprocess
import sys


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "data_prep.extract", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_0_and_wrong_flags_are_2():
    assert "--split" in run("--help").stdout
    wrong = run("--num=0", "--output=photos")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


def test_no_data_is_one_sentence(tmp_path):
    refused = run(f"--data_dir={tmp_path}", f"--output={tmp_path / 'photos'}")
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "data_prep.prepare" in refused.stderr
