import pytest

from deepi2i_tf.cli import command, flags
from deepi2i_tf.evaluation import in_training
from tests.command_modules import train


@pytest.fixture(autouse=True)
def training_flags():
    flags.define("train")


def test_hands_config_flagfile_and_evaluator_to_the_trainer(monkeypatch):
    calls = []
    monkeypatch.setattr(
        train.trainer, "train", lambda *args, **kw: calls.append((args, kw))
    )
    assert command.call(train.main, ["--steps=5", "--run_dir=r"]) == 0
    ((config,), others) = calls[0]
    assert config.training.steps == 5
    assert "--run_dir=r\n" in others["flagfile_text"]
    assert isinstance(others["evaluate"], in_training.RunEvaluator)


def test_dry_run_prints_and_trains_nothing(monkeypatch, capsys):
    monkeypatch.setattr(train.trainer, "train", None)
    arguments = ["--dry_run", "--resolution=32", "--ch=2", "--num_classes=3"]
    assert command.call(train.main, arguments) == 0
    printed = capsys.readouterr().out
    for said in ("generator", "discriminator", "encoder", "adaptor", "steps"):
        assert said in printed


def test_missing_data_is_one_sentence_that_says_how(tmp_path, capsys):
    arguments = [
        f"--data_dir={tmp_path}",
        f"--run_dir={tmp_path / 'run'}",
        "--data_source=Ask the museum.",
    ]
    assert command.call(train.main, arguments) == 1
    printed = capsys.readouterr().err
    assert "Ask the museum." in printed
    assert "python -m data_prep.prepare" in printed
    assert not (tmp_path / "run").exists()
