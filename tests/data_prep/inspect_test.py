from tests import processes


def run(*arguments, **how):
    return processes.run("data_prep.inspect", *arguments, **how)


def test_help_is_0_and_wrong_flags_are_2():
    assert "--contact_sheet" in run("--help").out
    wrong = run("--datadir=x")
    assert wrong.code == 2
    assert "Traceback" not in wrong.err


def test_it_shows_what_was_prepared(tmp_path, prepare_creatures):
    prepare_creatures(tmp_path)
    found = run(f"--data_dir={tmp_path}", fresh=True)
    assert found.code == 0 and not found.err
    assert "all shards as in the manifest" in found.out
