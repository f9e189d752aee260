import pytest

from deepi2i_tf.config.commands import (
    ConvertOptions,
)


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
        ConvertOptions(**values)


def test_both_ways_are_taken():
    ConvertOptions(generator="G.pth", discriminator="D.pth", output="run")
    ConvertOptions(to_pytorch="out", run_dir="run", step=5)
