import dataclasses
import json

from deepi2i_tf.evaluation.judge_recipe import JudgeRecipe


def test_is_plain_values_that_json_keeps():
    values = dataclasses.asdict(JudgeRecipe())
    kept = json.loads(json.dumps(values))
    assert JudgeRecipe(**kept | {"widths": tuple(kept["widths"])}) == (
        JudgeRecipe()
    )
