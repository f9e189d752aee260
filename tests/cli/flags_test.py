import dataclasses

import pytest

from deepi2i_tf.cli import flag_schema, flags
from deepi2i_tf.config import Config, TrainingConfig
from deepi2i_tf.config.commands import (
    ConvertOptions,
    ExportOptions,
    TrainOptions,
    TranslateOptions,
)
from deepi2i_tf.config.evaluate import EvaluateOptions
from deepi2i_tf.config.fields import Options, option
from deepi2i_tf.config.model_flags import UNREAD

NO_TRAINING = Config()


@pytest.fixture(autouse=True)
def training_flags():
    flags.define("train")


def parsed(*arguments):
    flags.parse(arguments)
    return flags.read(Config)


def test_no_flags_give_the_configs_defaults():
    assert parsed() == NO_TRAINING


def test_every_kind_of_flag_reaches_its_section():
    made = parsed(
        "--dataset=photos",
        "--noflip",
        "--steps=7",
        "--generator_lr=2e-4",
        "--injection_weights=1,1,0.5,0",
        "--attention_resolutions=",
    )
    assert made.data.dataset == "photos"
    assert made.data.flip is False
    assert made.training.steps == 7
    assert made.optimizer.generator_lr == 2e-4
    assert made.network.injection_weights == (1.0, 1.0, 0.5, 0.0)
    assert made.network.attention_resolutions == ()


def test_later_flags_override_a_flagfile(tmp_path):
    flagfile = tmp_path / "a.cfg"
    flagfile.write_text("# comment\n--steps=5\n--data_source=a b, c\n")
    made = parsed(f"--flagfile={flagfile}", "--steps=6")
    assert made.training.steps == 6
    assert made.data.data_source == "a b, c"


@pytest.mark.parametrize(
    "argument, said",
    [
        ("--steps=0", "Expected --steps to be at least 1"),
        ("--steps=many", "Expected a whole number"),
        ("--generator_lr=inf", "Expected a finite number"),
        ("--generator_lr=nan", "Expected a finite number"),
        ("--resolution=48", "Expected --resolution to be one of 32, 64"),
        ("--loss=mse", "Expected --loss to be one of hinge"),
        ("--injection_weights=1,1", "4 numbers"),
        ("--name=two\nlines", "Expected one line"),
        ("--stpes=3", "Unknown command line flag 'stpes'"),
        ("--flagfile=/nowhere.cfg", "/nowhere.cfg"),
        ("steps=3", "Expected flags only"),
        ("--noflip=1", "--noflip=1 does not take an argument"),
    ],
)
def test_wrong_flags_say_what_was_expected(argument, said):
    with pytest.raises(flags.WrongFlags) as error:
        parsed(argument)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_flagfile_text_says_all_of_a_config(tmp_path):
    unlike = {
        str: lambda value: value,
        bool: lambda value: not value,
        int: lambda value: value,
        float: lambda value: value / 3,
        tuple: lambda value: tuple(number * 2 for number in value),
    }
    sections = {}
    for name, values in NO_TRAINING.to_dict().items():
        changed = {
            key: unlike[type(value)](value)
            for key, value in values.items()
            if key not in UNREAD["deepi2i"]
        }
        sections[name] = changed
    sections["training"].update(steps=3, run_dir="runs/a b", name="x")
    sections["network"].update(num_classes=5)
    made = Config.from_dict(sections)
    flagfile = tmp_path / "flags.cfg"
    flagfile.write_text(flag_schema.flagfile_text(made))
    assert parsed(f"--flagfile={flagfile}") == made


def test_parsing_again_forgets_the_values_before():
    assert parsed("--steps=5").training.steps == 5
    assert parsed() == NO_TRAINING


def test_help_shows_every_flag_once_in_groups_within_80_columns():
    text = flags.help_text()
    for group in ("command", *NO_TRAINING.to_dict()):
        assert f"{group}:\n" in text
    for values in NO_TRAINING.to_dict().values():
        for name in values:
            assert text.count(f"  --{name}=") == 1
    assert max(map(len, text.splitlines())) <= 79


@dataclasses.dataclass(frozen=True)
class Recipe(Options):
    steps: int = 5


@dataclasses.dataclass(frozen=True)
class Chosen(Options):
    batch_size: int = option(4, "Images")
    recipe: Recipe = dataclasses.field(default_factory=Recipe)
    training: TrainingConfig = dataclasses.field(default_factory=TrainingConfig)


def test_a_dataclass_is_read_with_those_it_holds_and_what_is_no_flag_stays():
    flags.parse(["--steps=7", "--batch_size=2"])
    assert flags.read(Chosen) == Chosen(
        2, Recipe(), TrainingConfig(steps=7, batch_size=2)
    )


def test_dry_run_is_an_option_of_train():
    flags.parse(["--dry_run"])
    assert flags.read(TrainOptions).dry_run


def test_pretrain_has_the_flags_of_train_and_its_own_stage():
    names = flags.help_text().count("\n  --")
    flags.define("pretrain")
    assert flags.help_text().count("\n  --") == names
    assert "Default: pretrain." in flags.help_text()
    flags.parse([])
    assert flags.config_of_command("pretrain").training.stage == "pretrain"
    with pytest.raises(flags.WrongFlags, match="deepi2i_tf.pretrain"):
        flags.config_of_command("train")


def test_evaluate_flags():
    flags.define("evaluate")
    flags.parse(["--run_dir=runs/a", "--num_images=5"])
    assert flags.read(EvaluateOptions).evaluation.num_images == 5
    flags.parse(["--run_dir=runs/a", "--model=b"])
    with pytest.raises(flags.WrongFlags, match="one of --run_dir"):
        flags.read(EvaluateOptions)


def test_convert_flags():
    flags.define("convert")
    flags.parse(["--input=a.zip", "--output=b", "--injection_weights=1,1,1,0"])
    assert flags.read(ConvertOptions).injection_weights == (1.0, 1.0, 1.0, 0.0)
    flags.parse(["--input=a.zip"])
    with pytest.raises(flags.WrongFlags, match="--output"):
        flags.read(ConvertOptions)


def test_export_flags():
    flags.define("export")
    flags.parse(["--run_dir=runs/a", "--output=b", "--overwrite"])
    assert flags.read(ExportOptions).overwrite
    flags.parse(["--run_dir=runs/a"])
    with pytest.raises(flags.WrongFlags, match="--output"):
        flags.read(ExportOptions)


def test_translate_flags():
    flags.define("translate")
    flags.parse(["--model=a", "--input=b", "--target=husky, cat"])
    assert flags.read(TranslateOptions).target == "husky, cat"
    flags.parse(["--model=a", "--input=b", "--interpolate=colour"])
    with pytest.raises(flags.WrongFlags, match="none, classes, z"):
        flags.read(TranslateOptions)
