import dataclasses

import pytest

from deepi2i_tf import config
from deepi2i_tf.cli import flag_schema
from deepi2i_tf.config import commands
from deepi2i_tf.config.commands import (
    ConvertOptions,
)
from deepi2i_tf.config.evaluate import EvaluateOptions

COMPLETE = {
    EvaluateOptions: {"run_dir": "runs/a"},
    ConvertOptions: {"input": "a", "output": "b"},
    commands.ExportOptions: {"run_dir": "runs/a", "output": "b"},
    commands.TranslateOptions: {"model": "a", "input": "b"},
}
SECTIONS = [
    commands.TrainOptions,
    *COMPLETE,
    *(field.default_factory for field in dataclasses.fields(config.Config)),
]


def made(section, **values):
    return section(**{**COMPLETE.get(section, {}), **values})


def fields_and_sections():
    return [
        pytest.param(section, field, id=f"{section.__name__}.{field.name}")
        for section in SECTIONS
        for field in flag_schema.fields_of(section)
    ]


@pytest.mark.parametrize("section, field", fields_and_sections())
def test_every_field_has_kind_and_help(section, field):
    assert field.kind in flag_schema.KINDS
    assert not field.help[0].islower()
    assert "Default: " in field.help


@pytest.mark.parametrize("section, field", fields_and_sections())
def test_every_number_and_choice_states_a_bound_that_holds(section, field):
    if field.name in flag_schema.CHOICES:
        for choice in flag_schema.CHOICES[field.name]:
            made(section, **{field.name: choice})
        wrong = 48 if field.kind is int else "wrong"
        with pytest.raises(ValueError, match="to be one of"):
            made(section, **{field.name: wrong})
    elif field.name in flag_schema.LEAST:
        least = field.kind(flag_schema.LEAST[field.name])
        made(section, **{field.name: least})
        with pytest.raises(ValueError, match=f"at least {least}"):
            made(section, **{field.name: least - 1})
    else:
        numeric = field.kind not in (str, bool)
        assert not numeric or field.name in flag_schema.OTHER_BOUNDS


def test_argument_texts_join_lines_and_stop_at_the_next_section():
    class Documented:
        """One line.

        Args:
            first: begins here: and
                goes on.
            second: short.

        Returns:
            third: nothing.
        """

    assert flag_schema.argument_texts(Documented) == {
        "first": "begins here: and goes on.",
        "second": "short.",
    }


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
