import dataclasses
import json

from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe


def test_is_plain_values_that_json_keeps():
    values = dataclasses.asdict(JudgeRecipe())
    kept = json.loads(json.dumps(values))
    assert JudgeRecipe(**kept | {"widths": tuple(kept["widths"])}) == (
        JudgeRecipe()
    )


def test_more_classes_may_take_more_steps():
    recipe = JudgeRecipe()
    assert [recipe.longest(n) for n in (2, 32, 48, 149)] == [
        1000,
        1000,
        1500,
        4656,
    ]
