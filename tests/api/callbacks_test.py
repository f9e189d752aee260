"""Callbacks beside small networks whose steps are not even compiled."""

import keras
import pytest

from deepi2i_tf.api import callbacks
from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.utils.errors import UserError
from tests.api.small_model import sha256_of, small_config, small_model

WHOLE = {"epochs": 3, "steps_per_epoch": 2, "verbose": 0}


class Interruption(keras.callbacks.Callback):
    """Ends a fit in the middle of an epoch."""

    def on_train_batch_end(self, batch, logs=None):
        if self.model.finished_steps == 3:
            raise KeyboardInterrupt


def test_an_interrupted_fit_goes_on_exactly(tiny, tmp_path, capsys):
    config = small_config(tiny(tmp_path))
    data = load_dataset(config)

    def fit(*others, learning_rate=1e-3):
        rate = keras.optimizers.Adam(learning_rate)
        model = small_model(config, generator_optimizer=rate, run_eagerly=True)
        kept = callbacks.ExactCheckpoint(tmp_path / "kept", every=1)
        return model, model.fit(
            data.train(), callbacks=[kept, *others], **WHOLE
        )

    with pytest.raises(KeyboardInterrupt):
        fit(Interruption())
    model, history = fit()
    assert "Going on from the checkpoint of step 3" in capsys.readouterr().out
    assert history.epoch == [1, 2] and len(history.history["score_real"]) == 2
    rate = keras.optimizers.Adam(1e-3)
    whole = small_model(config, generator_optimizer=rate, run_eagerly=True)
    whole.fit(data.train(), **WHOLE)
    assert sha256_of(model) == sha256_of(whole)
    # Nothing is left to do, and of another fit nothing is taken.
    done, history = fit()
    assert sha256_of(done) == sha256_of(whole) and history.history == {}
    other = small_model(small_config(tiny(tmp_path, seed=5)))
    with pytest.raises(UserError, match="seed .0 there, 5 here.*of its own"):
        other.fit(
            data.train(),
            callbacks=[callbacks.ExactCheckpoint(tmp_path / "kept")],
            **WHOLE,
        )


def test_sheets_come_when_they_are_due(tiny, tmp_path):
    config = small_config(tiny(tmp_path))
    data = load_dataset(config)
    model = small_model(config, steps_per_execution=2, run_eagerly=True)
    sheets = callbacks.SampleSheets(tmp_path / "sheets", data, every=3)
    model.fit(data.train(), callbacks=[sheets], **WHOLE)
    names = {path.name for path in (tmp_path / "sheets").iterdir()}
    # Step 3 passes within the second execution.
    expected = {"real.png", *(f"step-00000{step}.png" for step in (0, 4, 6))}
    assert names == expected
    with pytest.raises(UserError, match="0 or more steps. Received: -1"):
        callbacks.SampleSheets(tmp_path, data, every=-1)
