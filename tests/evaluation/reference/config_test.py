import dataclasses
import json

from deepi2i_tf.evaluation.reference.config import ReferenceTrainingConfig


def test_is_plain_values_that_json_keeps():
    values = dataclasses.asdict(ReferenceTrainingConfig())
    kept = json.loads(json.dumps(values))
    assert ReferenceTrainingConfig(
        **kept | {"widths": tuple(kept["widths"])}
    ) == (ReferenceTrainingConfig())


def test_more_classes_may_take_more_steps():
    recipe = ReferenceTrainingConfig()
    assert [recipe.longest(n) for n in (2, 32, 48, 149)] == [
        1000,
        1000,
        1500,
        4656,
    ]
