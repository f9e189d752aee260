from tests import processes


def run(*arguments):
    return processes.run("data_prep.extract", *arguments)


def test_help_is_0_and_wrong_flags_are_2():
    assert "--split" in run("--help").out
    wrong = run("--num=0", "--output=photos")
    assert wrong.code == 2
    assert "Traceback" not in wrong.err


def test_no_data_is_one_sentence(tmp_path):
    refused = run(f"--data_dir={tmp_path}", f"--output={tmp_path / 'photos'}")
    assert refused.code == 1
    assert refused.err.count("\n") == 1
    assert "data_prep.prepare" in refused.err
