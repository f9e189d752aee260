import pytest

from deepi2i_tf.config.evaluate import EvaluateOptions


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
        ({"run_dir": "a", "sources": "new"}, "one of seen, unseen"),
        (
            {"run_dir": "a", "sources": "unseen", "source_dir": "b"},
            "--sources=unseen beside --run_dir and without",
        ),
    ],
)
def test_evaluate_options_refuse(values, said):
    with pytest.raises(ValueError, match=said):
        EvaluateOptions(**values)


def test_evaluate_options_take_one_kind_of_input():
    EvaluateOptions(run_dir="a")
    EvaluateOptions(model="a", data_dir="b", output="c")
    EvaluateOptions(translations="a", reals="b", output="c")
