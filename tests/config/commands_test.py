import pytest

from deepi2i_tf.config import commands


def test_export_options_need_both_ends():
    with pytest.raises(ValueError, match="Expected --run_dir"):
        commands.ExportOptions(output="b")
    with pytest.raises(ValueError, match="Expected --output"):
        commands.ExportOptions(run_dir="a")


def test_export_options_take_one_way_to_name_a_checkpoint():
    commands.ExportOptions(run_dir="a", output="b", best=True)
    with pytest.raises(ValueError, match="only one of --best and --step"):
        commands.ExportOptions(run_dir="a", output="b", best=True, step=5)


@pytest.mark.parametrize(
    "values, said",
    [
        ({"input": "b"}, "Expected --model"),
        ({"model": "a"}, "Expected --input"),
        ({"model": "a", "input": "b", "target": ""}, "Expected --target"),
        ({"model": "a", "input": "b", "num_samples": 0}, "at least 1"),
        ({"model": "a", "input": "b", "interpolation_steps": 1}, "least 2"),
    ],
)
def test_translate_options_refuse(values, said):
    with pytest.raises(ValueError, match=said):
        commands.TranslateOptions(**values)
