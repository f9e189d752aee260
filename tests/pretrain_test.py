import json

import numpy as np
import pytest

from deepi2i_tf import pretrain
from deepi2i_tf.cli import command, flags
from deepi2i_tf.evaluation import in_training
from deepi2i_tf.runs.restore import load_translator
from deepi2i_tf.utils.errors import UserError
from tests.command_modules import train
from tests.evaluation import disc_set

SMALL = [
    "--dataset=discs", "--resolution=32", "--ch=2", "--dim_z=16",
    "--shared_dim=8", "--batch_size=2", "--checkpoint_every=2",
    "--sample_every=4", "--log_every=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    disc_set.write_set(folder, train=30, test=6)
    return folder


@pytest.fixture(scope="module")
def run(data_dir):
    """Pretrains in a folder; gives the exit code."""

    def start(run_dir, *others):
        flags.define("pretrain")
        places = [f"--data_dir={data_dir}", f"--run_dir={run_dir}"]
        return command.call(pretrain.main, [*SMALL, *places, *others])

    return start


@pytest.fixture(scope="module")
def finished(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "finished"
    assert run(path, "--steps=4") == 0
    return path


def read(path):
    return json.loads(path.read_text())


def rows(run_dir):
    lines = (run_dir / "metrics.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def test_hands_an_evaluator_of_samples_to_the_trainer(monkeypatch):
    handed = {}
    monkeypatch.setattr(
        pretrain.trainer, "train", lambda config, **kw: handed.update(kw)
    )
    flags.define("pretrain")
    assert command.call(pretrain.main, ["--run_dir=r"]) == 0
    assert isinstance(handed["evaluate"], in_training.SampleEvaluator)
    assert "--run_dir=r\n" in handed["flagfile_text"]


def test_a_run_directory_of_a_biggan(finished):
    assert read(finished / "config.json")["training"]["stage"] == "pretrain"
    assert read(finished / "data.json")["class_names"] == list(disc_set.NAMES)
    samples = sorted(path.name for path in (finished / "samples").iterdir())
    assert samples == ["real.png", "step-000000.png", "step-000004.png"]
    logged = rows(finished)
    assert [row["step"] for row in logged] == [1, 2, 3, 4]
    rates = {n for n in logged[0] if n.startswith("learning_rate/")}
    assert rates == {"learning_rate/generator", "learning_rate/discriminator"}
    assert any(name.startswith("sigma/generator") for name in logged[0])
    assert np.isfinite(logged[-1]["generator_loss"])
    text = (finished / "flags.cfg").read_text()
    assert "python -m deepi2i_tf.pretrain --flagfile" in text
    assert "--stage=pretrain\n" in text


def test_a_stopped_and_continued_run_ends_with_the_same_bits(
    finished, run, tmp_path
):
    path = tmp_path / "run"
    assert run(path, "--steps=2") == 0
    assert run(path, "--steps=4") == 0
    sums = [read(p / "DONE.json")["weights_sha256"] for p in (path, finished)]
    assert sums[0] == sums[1]
    same = ("generator_loss", "discriminator_loss")
    for one, other in zip(rows(path), rows(finished), strict=True):
        assert [one[name] for name in same] == [other[name] for name in same]


def test_starts_from_another_biggan(finished, run, tmp_path, capsys):
    path = tmp_path / "run"
    assert run(path, "--steps=1", f"--init_from={finished}") == 0
    assert "Networks start from" in capsys.readouterr().out
    # As step 5 would, on step 1's images; not as a new network.
    assert rows(path)[0]["score_real"] != rows(finished)[0]["score_real"]


def test_a_biggan_of_another_shape_is_no_start(finished, run, tmp_path, capsys):
    path = tmp_path / "run"
    assert run(path, "--ch=4", f"--init_from={finished}") == 1
    assert "Expected" in capsys.readouterr().err


def test_a_loss_that_is_no_number_stops_the_run(run, tmp_path, capsys):
    path = tmp_path / "run"
    assert run(path, "--steps=40", "--generator_lr=1e30") == 1
    assert "finite" in capsys.readouterr().err
    assert not (path / "DONE.json").exists()


def test_a_biggan_does_not_translate(finished):
    with pytest.raises(UserError, match="--stage=transfer --init_from"):
        load_translator(finished)


def test_dry_run_tells_its_two_networks(capsys):
    flags.define("pretrain")
    arguments = [*SMALL, "--dry_run", "--num_classes=3"]
    assert command.call(pretrain.main, arguments) == 0
    table = capsys.readouterr().out.partition("Trained parameters")[2]
    assert "generator" in table and "discriminator" in table
    assert "encoder" not in table and "adaptor" not in table


@pytest.mark.parametrize(
    "main, command_name, stage, other",
    [
        (train.main, "train", "pretrain", "pretrain"),
        (pretrain.main, "pretrain", "scratch", "train"),
    ],
)
def test_each_command_names_the_one_for_the_others_stage(
    main, command_name, stage, other, capsys
):
    flags.define(command_name)
    assert command.call(main, [f"--stage={stage}"]) == 2
    said = capsys.readouterr().err
    assert f"stage={stage}. Run python -m deepi2i_tf.{other}" in said
