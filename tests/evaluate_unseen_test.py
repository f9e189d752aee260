"""Tests of what deepi2i_tf/evaluate.py takes from classes held out."""

import json

import pytest

from deepi2i_tf.cli import command, flags
from deepi2i_tf.config import Config, DataConfig, NetworkConfig
from deepi2i_tf.evaluation import evaluated_model
from tests.command_modules import evaluate
from tests.evaluation import disc_set

*KEPT, UNSEEN = disc_set.NAMES


class Networks:
    """Stands in for a run's translator."""

    weights = ()


@pytest.fixture
def prepared(tmp_path):
    return disc_set.write_set(tmp_path / "data", train=9)


@pytest.fixture
def measure(monkeypatch, tmp_path, prepared):
    """Calls evaluate on a run; gives its status, and data and sources."""
    flags.define("evaluate")
    monkeypatch.setattr(evaluate, "write_html", lambda *args: "page")

    def call(held_out, *arguments):
        data_dir = str(tmp_path / "data")
        data = DataConfig("discs", data_dir, held_out_classes=held_out)
        network = NetworkConfig(resolution=disc_set.RESOLUTION, dim_z=16)
        config = Config(data=data, network=network)
        (tmp_path / "config.json").write_text(config.to_json())
        facts = {"class_names": KEPT if held_out else disc_set.NAMES}
        (tmp_path / "data.json").write_text(json.dumps(facts))
        names = tuple(facts["class_names"])
        monkeypatch.setattr(
            evaluated_model,
            "load_translator",
            lambda *args, **kw: (Networks(), config, names, 40),
        )
        given = []
        monkeypatch.setattr(
            evaluate, "evaluate", lambda *args: given.append(args) or {}
        )
        monkeypatch.setattr(evaluate.results, "describe", lambda scores: "")
        status = command.call(
            evaluate.main, [f"--run_dir={tmp_path}", *arguments]
        )
        return status, *[(args[1], args[5]) for args in given]

    return call


def test_translates_from_the_classes_that_were_held_out(measure, prepared):
    for where in ((), (f"--data_dir={prepared.path}",)):
        status, (data, sources) = measure((UNSEEN,), "--sources=unseen", *where)
        assert status == 0
        assert data.class_names == tuple(KEPT)
        assert sources.class_names == (UNSEEN,)
        labels = {int(example["label"]) for example in sources.read("test")}
        assert labels == {0}


def test_without_being_asked_it_translates_from_the_others(measure):
    status, (data, sources) = measure((UNSEEN,))
    assert (status, data.class_names, sources) == (0, tuple(KEPT), None)


def test_a_run_that_held_none_out_has_no_unseen_classes(measure, capsys):
    assert measure((), "--sources=unseen") == (1,)
    assert "which held none out" in capsys.readouterr().err
