"""Tests of deepi2i_tf/translate.py."""

import dataclasses
import logging
import os
import sys

import pytest
from PIL import Image

from deepi2i_tf import translate
from deepi2i_tf.cli import command, flags
from tests import processes
from tests.serving import tiny_translator


@pytest.fixture
def photo(tmp_path):
    path = str(tmp_path / "cat.jpg")
    Image.fromarray(tiny_translator.photo(50, 80)).save(path)
    return path


@pytest.fixture(autouse=True)
def translate_flags():
    flags.define("translate")


def test_a_process_writes_a_sheet_and_says_where(exported, photo, tmp_path):
    output = str(tmp_path / "out.png")
    said = processes.succeed(
        "deepi2i_tf.translate",
        f"--model={exported}",
        f"--input={photo}",
        "--target=meerkat,golden retriever",
        f"--output={output}",
    )
    assert said.splitlines()[-1] == output
    with Image.open(output) as sheet:
        assert sheet.width > 3 * 96


def test_every_flag_reaches_the_work(monkeypatch):
    calls = []
    monkeypatch.setattr(
        translate,
        "translate_photos",
        lambda job: calls.append(dataclasses.asdict(job)),
    )
    arguments = [
        "--model=m",
        "--input=i",
        "--target=a,b",
        "--output=o",
        "--num_samples=2",
        "--seed=3",
        "--interpolate=z",
        "--interpolation_steps=4",
        "--overwrite",
    ]
    assert command.call(translate.main, arguments) == 0
    assert calls == [
        {
            "model": "m",
            "input": "i",
            "target": "a,b",
            "output": "o",
            "num_samples": 2,
            "seed": 3,
            "interpolate": "z",
            "interpolation_steps": 4,
            "beam_options": "",
            "num_shards": 0,
            "overwrite": True,
        }
    ]


@pytest.mark.parametrize(
    "wrong, message",
    [
        ("--target=huskey", "Nearest: husky"),
        ("--input=nowhere.jpg", "nowhere.jpg, which does not exist"),
        ("--model=nowhere", "nowhere, which is not a folder"),
        ("--interpolate=classes", "Expected two classes"),
    ],
)
def test_refusals_are_one_line_and_1(
    exported, photo, tmp_path, capsys, wrong, message
):
    output = str(tmp_path / "out.png")
    arguments = [
        f"--model={exported}",
        f"--input={photo}",
        f"--output={output}",
        wrong,
    ]
    assert command.call(translate.main, arguments) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not os.path.exists(output)


@pytest.mark.parametrize(
    "wrong, message",
    [
        (["--num_shards=2"], "Expected --beam_options"),
        (["--beam_options=--runner=DirectRunner"], "to be a folder beside"),
    ],
)
def test_flags_of_bulk_work_go_together(capsys, wrong, message):
    arguments = ["--model=m", "--input=i", *wrong]
    assert command.call(translate.main, arguments) == 2
    assert message in capsys.readouterr().err


@pytest.fixture
def root_logger_again():
    level = logging.root.level
    yield
    logging.root.setLevel(level)


def test_without_beam_a_sentence_says_so(
    root_logger_again, monkeypatch, capsys
):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    monkeypatch.delitem(sys.modules, "deepi2i_tf.serving.bulk", raising=False)
    arguments = ["--model=m", "--input=i", "--output=o", "--beam_options=--x"]
    assert command.call(translate.main, arguments) == 1
    assert "pip install 'deepi2i_tf[beam]'" in capsys.readouterr().err


def test_a_wrong_flag_is_2(capsys):
    assert command.call(translate.main, ["--interpolate=both"]) == 2
    assert "--model" in capsys.readouterr().err
