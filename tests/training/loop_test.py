import json

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.errors import Refusal
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.training import trainer
from deepi2i_tf.training.checkpoints import list_checkpoints


def read(path):
    return json.loads(path.read_text())


def test_a_stopped_and_continued_run_ends_with_the_same_bits(
    finished, tiny, tmp_path
):
    trainer.train(tiny(tmp_path / "run", steps=2))
    trainer.train(tiny(tmp_path / "run"))
    expected = read(finished / "DONE.json")["weights_sha256"]
    assert read(tmp_path / "run" / "DONE.json")["weights_sha256"] == expected


def test_a_loss_that_is_no_number_never_reaches_a_checkpoint(
    tiny, tmp_path, monkeypatch
):
    step = DeepI2I.train_step

    def broken(self, batch):
        logs = step(self, batch)
        bad = tf.where(self.step == 3, np.float32("nan"), 1.0)
        return {**logs, "generator_loss": logs["generator_loss"] * bad}

    monkeypatch.setattr(DeepI2I, "train_step", broken)
    path = tmp_path / "run"
    with pytest.raises(Refusal, match="generator_loss is NaN .* at step 3"):
        trainer.train(tiny(path, log_every=4))
    assert [s for s, _ in list_checkpoints(path / "checkpoints")] == [2]
    assert not (path / "DONE.json").exists()
