import numpy as np

from deepi2i_tf import config, evaluator
from deepi2i_tf.data import manifest
from deepi2i_tf.metrics import names


def halve(images, z, labels, training):
    assert training is False
    return images / 2


def test_translate_function_takes_any_batch_and_gives_arrays():
    translate = evaluator.translate_function(halve)
    for batch in (3, 2):
        images = np.ones((batch, 4, 4, 3), np.float32)
        translated = translate(
            images, np.zeros((batch, 8), np.float32), np.zeros(batch, np.int32)
        )
        np.testing.assert_array_equal(translated, images / 2)


def test_run_evaluator_makes_its_judge_once_and_keeps_numbers(monkeypatch):
    made, measured = [], []

    class FakeEvaluation:
        def __init__(self, prepared, options, judge_dir):
            made.append((prepared, judge_dir))

        def measure(self, translate, dim_z, origin):
            measured.append((dim_z, origin))
            scores = {names.RC: 0.5, names.PROTOCOL: {}, names.PER_CLASS: {}}
            return scores, None

    monkeypatch.setattr(evaluator, "Evaluation", FakeEvaluation)
    monkeypatch.setattr(manifest, "find_prepared", lambda *args: args)
    measure = evaluator.RunEvaluator(
        config.Config(
            network=config.NetworkConfig(resolution=32),
            training=config.TrainingConfig(runs_dir="all"),
        )
    )
    assert measure(10, halve) == {names.RC: 0.5}
    assert measure(20, halve) == {names.RC: 0.5}
    assert made == [(("data", "", 32, "", ""), "all/judge")]
    assert [origin["step"] for _, origin in measured] == [10, 20]
