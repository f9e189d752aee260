"""Tests of deepi2i_tf/convert.py: from files to a translated image.

The files are those of the authors' code at ch 8 (golden/upstream_ch8.npz),
written again from the same drawn numbers; their tensors' sums were taken from
the files that PyTorch wrote.
"""

import pathlib

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf import convert
from deepi2i_tf.cli import command, flags
from deepi2i_tf.runs.restore import load_translator
from deepi2i_tf.torch_files import read_tensors
from tests.command_modules import export
from tests.parity import drawn_weights, golden
from tests.parity.outputs_test import TOLERANCE
from tests.transfer.drawn_files import sha256_of_tensors, write_folder

TENSORS_SHA256 = {
    "G_ema": "ece98dc39ff65f39a8c17b380bc233aa21a27bfe0bdc124bf62538ada3e0ddb1",
    "D": "6ebaa0a7044676f0d334355b9a38e42021e0d02aa472b9ac5ad951dcb21e8f48",
    "E1": "85e05f82204fc5562dbe4e5f3bed08b1940e10c0e159fee1fd726ec9f971eb43",
    "A1": "9ff7b52c1c9777b124aba76a51556242477a7d3e5752a3dce4cdbf696214ea98",
}
TORCH_FILES = pathlib.Path(__file__).parent / "golden" / "torch_files"


def call(*arguments):
    flags.define("convert")
    return command.call(convert.main, arguments)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """G_ema.pth, D.pth, E1.pth and A1.pth as the authors' code has them."""
    return write_folder(
        tmp_path_factory.mktemp("release"),
        drawn_weights.CONFIG,
        generator="G_ema",
    )


@pytest.fixture(scope="module")
def run_dir(release):
    run = release / "run"
    assert call(f"--input={release}", f"--output={run}") == 0
    return run


def test_the_files_hold_what_pytorch_wrote(release):
    for stem, sha256 in TENSORS_SHA256.items():
        stored = read_tensors(release / f"{stem}.pth")
        tensors = {name: each.value for name, each in stored.items()}
        assert sha256_of_tensors(tensors) == sha256, stem


@pytest.mark.parametrize("averaged", [False, True])
def test_the_run_translates_as_the_authors_code(run_dir, averaged):
    translator, *_ = load_translator(run_dir, averaged=averaged)
    image = translator(
        golden.SOURCE, z=golden.Z, labels=golden.FAKE_LABELS, training=False
    )
    assert golden.error("eval/image", image) < TOLERANCE


def test_the_exported_run_translates_as_the_authors_code(run_dir, tmp_path):
    flags.define("export")
    given = [f"--run_dir={run_dir}", f"--output={tmp_path / 'model'}"]
    assert command.call(export.main, given) == 0
    served = tf.saved_model.load(str(tmp_path / "model"))
    image = served.signatures["translate"](
        images=tf.constant(golden.SOURCE),
        target_class=tf.constant(golden.FAKE_LABELS),
        z=tf.constant(golden.Z, tf.float32),
    )
    (image,) = image.values()
    assert golden.error("eval/image", image) < TOLERANCE


def test_the_way_back_changes_no_bit(release, run_dir, tmp_path, capsys):
    out = tmp_path / "out"
    assert call(f"--run_dir={run_dir}", f"--to_pytorch={out}") == 0
    assert capsys.readouterr().out.endswith(f"\n{out}\n")
    for stem in ("G_ema", "D"):
        stored = read_tensors(out / f"{stem}.pth")
        tensors = {name: each.value for name, each in stored.items()}
        assert sha256_of_tensors(tensors) == TENSORS_SHA256[stem]
    for stem in ("E1", "A1"):
        before = read_tensors(release / f"{stem}.pth")
        after = read_tensors(out / f"{stem}.pth")
        assert set(after) == set(before)
        for name, (value, _) in after.items():
            if not name.startswith(("linear.", "embed.")):  # unused
                np.testing.assert_array_equal(value, before[name].value)


def test_the_command_tells_what_it_read(release, tmp_path, capsys):
    out = tmp_path / "run"
    given = f"--generator={release}/G_ema.pth"
    also = f"--discriminator={release}/D.pth"
    assert call(given, also, f"--output={out}") == 0
    message = capsys.readouterr().out
    assert message.startswith(
        "BigGAN of 128 pixels: ch 8, 5 classes, dim_z 120"
    )
    assert (
        "G_ema.pth: 166 of 166 tensors make 166 of the 166 weights" in message
    )
    assert message.endswith(f"\n{out}\n")


def test_refusals_are_one_sentence_and_exit_1(tmp_path, capsys):
    for given, said in (
        (TORCH_FILES / "module.pth", "calls torch.nn.modules.linear.Linear"),
        (TORCH_FILES / "zip.pth", "BigGAN-PyTorch's generator"),
        (tmp_path / "none.pth", "a path where nothing is"),
    ):
        out = tmp_path / "run"
        assert call(f"--input={given}", f"--output={out}") == 1
        message = capsys.readouterr().err
        assert said in message
        assert message.count("\n") == 1
        assert not out.exists()


def test_wrong_flags_exit_2(capsys):
    assert call("--input=a") == 2
    assert "--output beside --input" in capsys.readouterr().err
