import json

import numpy as np
import pytest
import tensorflow as tf

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.models import variables_by_path
from deepi2i_tf.networks import build_network
from deepi2i_tf.pytorch import from_pytorch
from deepi2i_tf.pytorch.from_pytorch import convert
from deepi2i_tf.pytorch.upstream_names import upstream_entries
from deepi2i_tf.runs.checkpoints import read_items, read_meta
from deepi2i_tf.runs.restore import load_translator, read_run
from deepi2i_tf.torch_files import write_tensors
from deepi2i_tf.utils import atomic_files
from deepi2i_tf.utils.errors import UserError
from tests.transfer.drawn_files import SMALL, drawn_state, write_folder

BIGGAN = ("generator", "discriminator")


def checkpoint(run):
    path = run / "checkpoints" / "step-00000000"
    meta, fault = read_meta(path)
    assert meta["step"] == 0 and not fault
    return path


def read_network(run, name, item, config):
    network = build_network(name, config)
    read_items(
        checkpoint(run), {item: variables_by_path(network.weights)}, whole=False
    )
    return network


def assert_holds(network, state):
    for entry in upstream_entries(network):
        np.testing.assert_array_equal(
            entry.to_upstream(entry.weight.numpy()), state[entry.name]
        )


def test_a_biggan_becomes_a_pretrained_run(tmp_path):
    source = write_folder(tmp_path / "138k", names=BIGGAN)
    averaged = drawn_state("generator", letter="other")
    write_tensors(source / "G_ema.pth", averaged)
    (source / "G_optim.pth").write_bytes(b"not read")
    run = tmp_path / "run"
    lines = convert(str(source), str(run))
    config, names = read_run(run)
    assert config.training.stage == "pretrain"
    assert names == ("class_0000", "class_0001", "class_0002")
    shape = config.network
    assert (shape.resolution, shape.ch, shape.num_classes) == (32, 2, 3)
    for item, state in (
        ("generator", drawn_state("generator")),
        ("averaged", averaged),
    ):
        assert_holds(read_network(run, "generator", item, shape), state)
    assert_holds(
        read_network(run, "discriminator", "discriminator", shape),
        drawn_state("discriminator"),
    )
    with pytest.raises(UserError, match="a BigGAN, pretrained without encoder"):
        load_translator(run)
    text = "\n".join(lines)
    assert "BigGAN of 32 pixels: ch 2, 3 classes, dim_z 16" in text
    assert "Not read: G_optim.pth." in text
    assert "No D.pth" not in text
    facts = json.loads((run / "conversion.json").read_text())
    assert facts["report"] == lines
    assert facts["files"] == ["D", "G", "G_ema"]


def test_a_generator_alone_is_converted_and_told(tmp_path):
    source = write_folder(tmp_path / "in", names=BIGGAN[:1], generator="G_ema")
    run = tmp_path / "run"
    lines = convert(str(source / "G_ema.pth"), str(run))
    assert "No D.pth: the run has no discriminator" in lines[-1]
    for item in ("generator", "averaged"):
        network = read_network(run, "generator", item, SMALL)
        assert_holds(network, drawn_state("generator"))


def test_a_deepi2i_opens_like_a_trained_run(tmp_path):
    source = write_folder(tmp_path / "release", generator="G_ema")
    run = tmp_path / "run"
    lines = convert(
        str(source), str(run), injection_weights=(0.1, 0.2, 0.3, 0.4)
    )
    for averaged in (False, True):
        translator, config, _, step = load_translator(run, averaged)
        assert step == 0
        assert config.training.stage == "scratch"
        assert config.network.injection_weights == (0.1, 0.2, 0.3, 0.4)
        for name in ("encoder", "adaptor", "generator"):
            assert_holds(getattr(translator, name), drawn_state(name))
    assert_holds(
        read_network(run, "discriminator", "discriminator", config.network),
        drawn_state("discriminator"),
    )
    encoder = next(line for line in lines if line.startswith("E1.pth"))
    assert "44 of 51 tensors make 44 of the 44 weights" in encoder
    assert encoder.endswith(
        "unused: linear.weight, linear.bias, linear.u0, linear.sv0, "
        "embed.weight, embed.u0, embed.sv0."
    )


@pytest.mark.parametrize("absent", ["D", "E1", "A1"])
def test_half_a_deepi2i_is_refused(absent, tmp_path):
    source = write_folder(tmp_path / "release")
    (source / f"{absent}.pth").unlink()
    with pytest.raises(UserError, match=f"no {absent}.pth beside"):
        convert(str(source), str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_half_precision_and_parallel_names_are_read_and_told(tmp_path):
    state = {
        f"module.{name}": value.astype(np.float16)
        for name, value in drawn_state("generator").items()
        if not name.endswith("sv0")
    }
    write_tensors(tmp_path / "G.pth", state)
    lines = convert(str(tmp_path / "G.pth"), str(tmp_path / "run"))
    message = next(line for line in lines if line.startswith("G.pth"))
    assert "the others are sigma" in message
    assert "without DataParallel's 'module.'" in message
    assert f"{len(state)} float16 tensors as float32" in message
    network = read_network(tmp_path / "run", "generator", "averaged", SMALL)
    half = state["module.linear.bias"].astype(np.float32)
    entries = {entry.name: entry for entry in upstream_entries(network)}
    bias = entries["linear.bias"]
    np.testing.assert_array_equal(bias.to_upstream(bias.weight.numpy()), half)
    assert float(network.linear.sigma) == 1.0


def test_other_class_counts_of_g_and_d_are_refused(tmp_path):
    source = write_folder(tmp_path / "in", names=BIGGAN)
    other = NetworkConfig(
        resolution=32, num_classes=5, ch=2, dim_z=16, shared_dim=8
    )
    write_tensors(source / "D.pth", drawn_state("discriminator", other))
    with pytest.raises(UserError, match="classes 3 and 5"):
        convert(str(source), str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_bare_files_of_one_name_are_both_told(tmp_path):
    for name in BIGGAN:
        (tmp_path / name).mkdir()
        write_tensors(tmp_path / name / "model.pth", drawn_state(name))
    lines = convert(
        str(tmp_path / "generator" / "model.pth"),
        str(tmp_path / "run"),
        discriminator=str(tmp_path / "discriminator" / "model.pth"),
    )
    assert len([line for line in lines if line.startswith("model.pth")]) == 2


def write_empty(output, names=("a", "b"), step=0):
    items = {"step": tf.Variable(step, dtype=tf.int64)}
    from_pytorch.write_run(
        str(output), Config(), names, items, {"source": "in.zip"}
    )


def test_a_run_is_written_whole(tmp_path):
    run = tmp_path / "deep" / "run"
    write_empty(run)
    assert read_run(run) == (Config(), ("a", "b"))
    assert {path.name for path in run.iterdir()} == {
        "checkpoints",
        "config.json",
        "conversion.json",
        "data.json",
        "versions.json",
    }
    data = json.loads((run / "data.json").read_text())
    assert data["path"].endswith("in.zip")
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def full(path, values):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(atomic_files, "write_json", full)
    with pytest.raises(UserError, match="Free some space"):
        write_empty(tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_conversion_is_replaced_only_when_asked(tmp_path):
    run = tmp_path / "run"
    from_pytorch.check_output(str(run), overwrite=False)
    write_empty(run)
    with pytest.raises(UserError, match="earlier conversion. Add --overwrite"):
        from_pytorch.check_output(str(run), overwrite=False)
    from_pytorch.check_output(str(run), overwrite=True)
    write_empty(run, names=("c", "d"))
    assert read_run(run)[1] == ("c", "d")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_nothing_else_is_ever_replaced(tmp_path):
    (tmp_path / "empty").mkdir()
    from_pytorch.check_output(str(tmp_path / "empty"), overwrite=False)
    trained = tmp_path / "trained"
    write_empty(trained)
    (trained / "conversion.json").unlink()
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (trained, file):
        with pytest.raises(UserError, match="something else. Choose another"):
            from_pytorch.check_output(str(path), overwrite=True)


def test_names_are_made_up_and_told():
    names, said = from_pytorch.read_class_names("", 3)
    assert names == ("class_0000", "class_0001", "class_0002")
    assert len(said) == 1
    _, said = from_pytorch.read_class_names("", 1000)
    assert "n01440764 is class_0000" in said[-1]


def test_names_of_a_file(tmp_path):
    file = tmp_path / "names.txt"
    file.write_text("tench\n goldfish \n\n", encoding="utf-8")
    names = from_pytorch.read_class_names(str(file), 2)
    assert names == (("tench", "goldfish"), [])
    with pytest.raises(UserError, match="3 different names.*Received: 2, 2"):
        from_pytorch.read_class_names(str(file), 3)
    file.write_text("cafe\u0301\ncaf\xe9\n", encoding="utf-8")
    with pytest.raises(UserError, match="Received: 2, 1 of them different"):
        from_pytorch.read_class_names(str(file), 2)
    file.write_text("a\na\n")
    with pytest.raises(UserError, match="Received: 2, 1 of them different"):
        from_pytorch.read_class_names(str(file), 2)
    file.write_bytes(b"\xff\xfe\x00")
    for path in (file, tmp_path / "missing", tmp_path):
        with pytest.raises(UserError, match="--class_names to be a text file"):
            from_pytorch.read_class_names(str(path), 2)
