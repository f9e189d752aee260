"""`fit` against the command's loop, and the command from Python."""

import dataclasses
import json

from deepi2i_tf.api.training import train
from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.models import DeepI2I
from tests.api.small_model import sha256_of


def test_fit_makes_the_weights_and_losses_of_the_command(
    finished, tiny, tmp_path
):
    config = tiny(tmp_path)
    data = load_dataset(config)
    model = DeepI2I(config, num_classes=len(data.class_names))
    model.compile()
    history = model.fit(data.train(), epochs=4, steps_per_epoch=1, verbose=0)
    done = json.loads((finished / "DONE.json").read_text())
    assert sha256_of(model) == done["weights_sha256"]
    rows = [
        json.loads(line)
        for line in (finished / "metrics.jsonl").read_text().splitlines()
    ]
    compared = 0
    for row in rows:
        for name, values in history.history.items():
            if name in row:
                assert values[row["step"] - 1] == row[name]
                compared += 1
    assert compared >= 2 * len(history.history)


def test_the_command_from_python(finished, tiny, capsys):
    config = tiny(finished)
    assert train(dataclasses.replace(config)) == finished
    assert "Nothing to do" in capsys.readouterr().out
