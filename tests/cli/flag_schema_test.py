import dataclasses

import pytest

from deepi2i_tf import config
from deepi2i_tf.cli import flag_schema
from deepi2i_tf.config import commands
from deepi2i_tf.config.checks import at_least, choice
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.config.fields import Options, option


@dataclasses.dataclass(frozen=True)
class Inner(Options):
    size: int = option(3, "How large", at_least(1))
    unseen: float = 0.5


@dataclasses.dataclass(frozen=True)
class Outer(Options):
    name: str = option("", "What it is called")
    inner: Inner = dataclasses.field(default_factory=Inner)
    kind: str = option("a", "Which; one", choice(("a", "b")))


def test_flags_of_a_dataclass_and_of_what_it_holds():
    assert [
        (field.name, field.kind, field.default, field.help)
        for field in flag_schema.fields_of(Outer, {"kind": "b"})
    ] == [
        ("name", str, "", "What it is called. Default: empty."),
        ("size", int, 3, "How large. At least 1. Default: 3."),
        ("kind", str, "b", "Which; one. One of a, b. Default: b."),
    ]


@pytest.mark.parametrize(
    "options",
    [
        config.Config,
        EvaluateOptions,
        commands.TrainOptions,
        commands.ConvertOptions,
        commands.ExportOptions,
        commands.TranslateOptions,
    ],
)
def test_every_flag_has_a_kind_a_help_and_a_name_of_its_own(options):
    fields = flag_schema.fields_of(options)
    for field in fields:
        assert field.kind in flag_schema.KINDS
        assert not field.help[0].islower()
    assert len({field.name for field in fields}) == len(fields)


def test_value_text():
    assert flag_schema.value_text(True) == "true"
    assert flag_schema.value_text((1.0, 0.1)) == "1.0,0.1"
    assert flag_schema.value_text(1e-06) == "1e-06"


def test_a_written_flagfile_names_the_command_of_its_stage():
    made = config.Config(training=config.TrainingConfig(stage="pretrain"))
    lines = flag_schema.flagfile_text(made).splitlines()
    assert lines[0].startswith("# Written by deepi2i_tf.pretrain.")
    assert "--stage=pretrain" in lines
    assert flag_schema.command_of("transfer") == "train"
