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


@pytest.mark.parametrize(
    "values, said",
    [
        ({}, "one of --input, --generator and --to_pytorch"),
        (
            {"input": "a", "generator": "b", "output": "c"},
            "one of --input, --generator",
        ),
        ({"input": "a"}, "--output beside --input or --generator"),
        ({"generator": "a"}, "--output beside"),
        ({"to_pytorch": "a"}, "--run_dir beside --to_pytorch"),
        ({"input": "a", "output": "b", "run_dir": "c"}, "no --run_dir"),
        ({"input": "a", "output": "b", "step": 3}, "no --step beside"),
        (
            {"to_pytorch": "a", "run_dir": "b", "output": "c"},
            "no --output beside --to_pytorch",
        ),
        (
            {"to_pytorch": "a", "run_dir": "b", "class_names": "c"},
            "no --class_names",
        ),
        (
            {"input": "a", "output": "b", "injection_weights": (0.1,)},
            "injection_weights",
        ),
    ],
)
def test_convert_options_refuse(values, said):
    with pytest.raises(ValueError, match=said):
        commands.ConvertOptions(**values)


def test_convert_options_take_both_ways():
    commands.ConvertOptions(
        generator="G.pth", discriminator="D.pth", output="run"
    )
    commands.ConvertOptions(to_pytorch="out", run_dir="run", step=5)
