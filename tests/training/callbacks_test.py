import json

import numpy as np
import pytest

from deepi2i_tf.training import callbacks


def test_is_due():
    due = [step for step in range(1, 10) if callbacks.is_due(step, 3)]
    assert due == [3, 6, 9]
    assert not callbacks.is_due(3, 0)


def test_rows_hold_losses_rates_and_sigma(finished):
    lines = (finished / "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["step"] for row in rows] == [2, 4]
    assert np.isfinite(rows[0]["discriminator_loss"])
    assert rows[0]["learning_rate/generator"] == pytest.approx(1e-4)
    assert any(name.startswith("sigma/generator") for name in rows[0])
