"""docs/demo_pace.py beside a run that writes its first rows."""

import importlib.util
import json
import threading
import time

from tests.repo.sources import ROOT

_SPEC = importlib.util.spec_from_file_location(
    "demo_pace", ROOT / "docs" / "demo_pace.py"
)
demo_pace = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(demo_pace)


def row(step, pace):
    return json.dumps({"step": step, "speed/steps_per_second": pace}) + "\n"


def test_the_first_rows_of_a_session_tell_how_long(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(demo_pace, "POLL_SECONDS", 0.01)
    config = {"training": {"steps": 2000}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    log = tmp_path / "metrics.jsonl"
    # Of a session before, as fast as nothing is.
    log.write_text(row(20, 1e6) + row(40, 1e6) + row(60, 1e6))
    told = threading.Thread(target=demo_pace.main, args=([str(tmp_path)],))
    told.start()
    time.sleep(0.1)
    with log.open("a") as file:
        file.write(row(80, 0.1) + '{"step": 80, "evaluation/rc": 1}\n')
        file.write(row(100, 2.0) + row(120, 2.5) + '{"step": 1')
    told.join(10.0)
    assert not told.is_alive()
    assert capsys.readouterr().out.strip() == (
        "At this machine's pace, 2.00 steps/s, training takes 16 min from "
        "here, and evaluation, export and pictures about 3 min more."
    )


def test_nothing_is_said_before_there_are_rows(tmp_path):
    assert demo_pace.lines(tmp_path) == []
    assert demo_pace.paces(["", "{", row(1, 2.0)]) == [(1, 2.0)]
