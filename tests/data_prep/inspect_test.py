import subprocess
import sys


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "data_prep.inspect", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_help_is_0_and_wrong_flags_are_2():
    assert "--contact_sheet" in run("--help").stdout
    wrong = run("--datadir=x")
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


def test_it_shows_what_was_prepared(tmp_path, prepare_creatures):
    prepare_creatures(tmp_path)
    found = run(f"--data_dir={tmp_path}")
    assert found.returncode == 0 and not found.stderr
    assert "all shards as in the manifest" in found.stdout
