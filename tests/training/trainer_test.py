import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import MonitorConfig, NetworkConfig, PoseConfig
from deepi2i_tf.runs import restore
from deepi2i_tf.training import trainer
from deepi2i_tf.training.distributed.coordination import Coordinator
from deepi2i_tf.training.distributed.strategy import DistributionContext
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import LightModel


def read(path):
    return json.loads(path.read_text())


def test_a_run_directory_is_self_contained(finished):
    there = {path.name for path in finished.iterdir()}
    assert there >= {
        "DONE.json", "checkpoints", "config.json", "data.json", "flags.cfg",
        "log.txt", "metrics.jsonl", "samples", "tensorboard", "versions.json",
    }  # fmt: skip
    samples = sorted(path.name for path in (finished / "samples").iterdir())
    assert samples == ["real.png", "step-000000.png", "step-000004.png"]
    config = read(finished / "config.json")
    assert config["network"]["num_classes"] == 3
    assert config["data"]["dataset"] == "creatures"
    log = (finished / "log.txt").read_text()
    assert "One step: 2 images = 1 micro-batches x 2" in log
    assert "generator" in log and "step 4/4" in log


def test_done_tells_step_sum_and_pace(finished):
    done = read(finished / "DONE.json")
    assert done["step"] == 4
    assert len(done["weights_sha256"]) == 64
    assert done["seconds"] > 0 and done["steps_per_second"] > 0


def test_a_finished_run_says_so(finished, tiny, capsys):
    before = read(finished / "DONE.json")
    trainer.train(tiny(finished))
    assert "Nothing to do" in capsys.readouterr().out
    assert read(finished / "DONE.json") == before


def test_another_architecture_is_refused(finished, tiny):
    config = dataclasses.replace(
        tiny(finished), network=NetworkConfig(resolution=32, ch=3, dim_z=16)
    )
    with pytest.raises(UserError, match="ch .2 there, 3 here"):
        trainer.train(config)


def test_init_from_starts_from_another_run(finished, tiny, tmp_path, capsys):
    config = tiny(
        tmp_path / "run",
        stage="transfer",
        warmup_steps=2,
        init_from=str(finished),
    )
    trainer.train(config)
    said = capsys.readouterr().out
    assert "Networks start from" in said
    assert "Stage warmup: adaptor, discriminator train." in said
    assert "Stage transfer: adaptor, generator, discriminator train." in said
    first, _, _, _ = restore.load_translator(finished, averaged=False)
    second, _, _, _ = restore.load_translator(tmp_path / "run", averaged=False)
    for before, after in zip(
        first.encoder.trainable_weights,
        second.encoder.trainable_weights,
        strict=True,
    ):
        np.testing.assert_array_equal(before, after)


def test_a_refused_start_leaves_the_directory_to_the_mended_command(
    finished, tiny, tmp_path
):
    config = tiny(tmp_path / "run", stage="transfer", init_from="gone")
    with pytest.raises(UserError, match="gone"):
        trainer.train(config)
    assert not (tmp_path / "run" / "config.json").exists()
    mended = tiny(tmp_path / "run", stage="transfer", init_from=str(finished))
    trainer.train(mended)
    assert (tmp_path / "run" / "DONE.json").exists()


def test_a_resumed_run_does_not_look_for_its_source(
    tiny, tmp_path, monkeypatch
):
    started = []
    monkeypatch.setattr(trainer, "build_model", lambda *_: LightModel())
    monkeypatch.setattr(trainer, "model_text", lambda *_: "")
    monkeypatch.setattr(trainer, "initialise", lambda *_: started.append(1))
    for steps in (2, 4):
        trainer.train(
            tiny(tmp_path, steps=steps, init_from="gone", sample_every=0)
        )
        assert read(tmp_path / "DONE.json")["step"] == steps
    assert started == [1]


def test_missing_data_is_refused_before_a_run_directory_is_made(tiny, tmp_path):
    config = tiny(tmp_path / "run")
    data = dataclasses.replace(config.data, data_dir=str(tmp_path / "none"))
    with pytest.raises(UserError, match="data_prep.prepare"):
        trainer.train(dataclasses.replace(config, data=data))
    assert not (tmp_path / "run").exists()


def test_replicas_whose_rows_make_no_pairs_are_refused(tiny, tmp_path):
    config = tiny(tmp_path / "run", num_replicas=2)
    config = dataclasses.replace(config, pose=PoseConfig(equivariance=1.0))
    with pytest.raises(UserError, match=r"multiple of 4.*batch_size=2\. Use 4"):
        trainer.train(config)
    assert not (tmp_path / "run").exists()


def test_several_workers_do_not_go_back(tiny, tmp_path, monkeypatch, store):
    one = tf.distribute.get_strategy()
    several = DistributionContext(one, False, Coordinator(0, 2))
    monkeypatch.setattr(trainer, "make_distribution", lambda _: several)
    config = dataclasses.replace(
        tiny(tmp_path / "run"), monitor=MonitorConfig(on_collapse="rollback")
    )
    with pytest.raises(UserError, match="one worker. Received: 2 workers"):
        trainer.train(config)
    assert not (tmp_path / "run").exists()
