import pytest

from deepi2i_tf import options


@pytest.mark.parametrize(
    "values, said",
    [
        ({}, "one of --run_dir, --model, --translations and --compare"),
        ({"run_dir": "a", "model": "b"}, "run_dir='a', model='b'"),
        ({"run_dir": "a", "translations": "b"}, "translations='b'"),
        ({"run_dir": "a", "compare": "b,c"}, "compare='b,c'"),
        ({"translations": "a", "output": "b"}, "--reals and --output"),
        ({"translations": "a", "reals": "b"}, "--reals and --output"),
        (
            {"translations": "a", "reals": "b", "output": "c", "data_dir": "d"},
            "no --data_dir beside --translations",
        ),
        (
            {"translations": "a", "reals": "b", "output": "c", "best": True},
            "--best beside --run_dir",
        ),
        ({"run_dir": "a", "reals": "b"}, "no --reals without --translations"),
        ({"run_dir": "a", "best": True, "step": 3}, "without --step"),
        ({"run_dir": "a", "reals_split": "all"}, "one of train, test"),
        ({"model": "a", "output": "b"}, "--data_dir and --output"),
        ({"model": "a", "data_dir": "b"}, "--data_dir and --output"),
        ({"run_dir": "a", "num_images": 0}, "at least 1"),
    ],
)
def test_evaluate_options_refuse(values, said):
    with pytest.raises(ValueError, match=said):
        options.EvaluateOptions(**values)


def test_evaluate_options_take_one_kind_of_input():
    options.EvaluateOptions(run_dir="a")
    options.EvaluateOptions(model="a", data_dir="b", output="c")
    options.EvaluateOptions(translations="a", reals="b", output="c")


def test_export_options_need_both_ends():
    with pytest.raises(ValueError, match="Expected --run_dir"):
        options.ExportOptions(output="b")
    with pytest.raises(ValueError, match="Expected --output"):
        options.ExportOptions(run_dir="a")


def test_export_options_take_one_way_to_name_a_checkpoint():
    options.ExportOptions(run_dir="a", output="b", best=True)
    with pytest.raises(ValueError, match="only one of --best and --step"):
        options.ExportOptions(run_dir="a", output="b", best=True, step=5)


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
        options.TranslateOptions(**values)
