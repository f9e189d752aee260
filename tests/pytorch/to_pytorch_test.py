import importlib
import importlib.util
import json

import numpy as np
import pytest

from deepi2i_tf.config import Config, NetworkConfig
from deepi2i_tf.models import Translator, variables_by_path
from deepi2i_tf.networks import build_networks
from deepi2i_tf.pytorch.from_pytorch import convert
from deepi2i_tf.pytorch.to_pytorch import write_pytorch_folder
from deepi2i_tf.runs.checkpoints import Checkpoints, read_items
from deepi2i_tf.torch_files import read_tensors
from deepi2i_tf.utils.errors import UserError
from tests.transfer.drawn_files import SMALL, drawn_state, write_folder

HEADS = ("linear.", "embed.")
STEMS = {"G", "D", "E1", "A1", "G_ema", "E1_ema", "A1_ema"}


@pytest.mark.parametrize("names", [("generator", "discriminator"), STEMS])
def test_there_and_back_changes_no_bit(names, tmp_path):
    networks = ("generator", "discriminator", "encoder", "adaptor")
    names = networks if names is STEMS else names
    source = write_folder(tmp_path / "in", names=names)
    convert(str(source), str(tmp_path / "run"))
    write_pytorch_folder(str(tmp_path / "run"), str(tmp_path / "out"))
    written = {path.stem for path in (tmp_path / "out").glob("*.pth")}
    assert written == (STEMS if len(names) == 4 else {"G", "G_ema", "D"})
    for stem in written:
        name = dict(zip("GDEA", networks, strict=True))[stem[0]]
        before = drawn_state(name)
        after = read_tensors(tmp_path / "out" / f"{stem}.pth")
        assert set(after) == set(before)
        for key, (value, _) in after.items():
            assert value.shape == before[key].shape, key
            if stem[0] in "EA" and key.startswith(HEADS):
                assert (value == 1.0).all()
            else:
                np.testing.assert_array_equal(value, before[key])


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run whose averages, sigma and u are its own; as training writes it."""
    path = tmp_path_factory.mktemp("trained")
    config = Config(network=SMALL)
    (path / "config.json").write_text(config.to_json())
    (path / "data.json").write_text(json.dumps({"class_names": list("abc")}))
    live, other = build_networks(SMALL, seed=1), build_networks(SMALL, seed=2)
    sigma = live.generator.linear.sigma
    sigma.assign(2.5)
    items = {n: variables_by_path(net.weights) for n, net in live.items()}
    averaged = Translator(other.encoder, other.adaptor, other.generator)
    items["averaged"] = variables_by_path(averaged.weights)
    for step in (3, 7):
        sigma.assign(float(step))
        Checkpoints(path / "checkpoints", items, keep=2).save(step, {})
    return path, items


def test_a_trained_run_comes_back_with_its_averages(trained, tmp_path):
    path, items = trained
    lines = write_pytorch_folder(str(path), str(tmp_path / "out"))
    assert lines[0].startswith(f"Step 7 of {path}.")
    assert lines[0].endswith("--injection_weights=1.0,1.0,1.0,0.1.")
    names = (tmp_path / "out" / "class_names.txt").read_text()
    assert names == "a\nb\nc\n"
    convert(
        str(tmp_path / "out"),
        str(tmp_path / "again"),
        class_names=str(tmp_path / "out" / "class_names.txt"),
        injection_weights=SMALL.injection_weights,
    )
    before = {
        name: {path: value.numpy() for path, value in item.items()}
        for name, item in items.items()
    }
    for item in items.values():
        for value in item.values():
            value.assign(value * 0 - 1)
    read_items(tmp_path / "again/checkpoints/step-00000000", items, whole=False)
    for name, item in items.items():
        for key, value in item.items():
            np.testing.assert_array_equal(value.numpy(), before[name][key])


def test_an_earlier_step_is_written_when_asked(trained, tmp_path):
    path, _ = trained
    write_pytorch_folder(str(path), str(tmp_path / "out"), step=3)
    tensors = read_tensors(tmp_path / "out" / "G.pth")
    assert tensors["linear.sv0"].value.tolist() == [3.0]
    with pytest.raises(UserError, match="a checkpoint of step 4"):
        write_pytorch_folder(str(path), str(tmp_path / "other"), step=4)


def test_a_folder_is_replaced_only_when_asked(trained, tmp_path):
    path, _ = trained
    write_pytorch_folder(str(path), str(tmp_path / "out"))
    with pytest.raises(UserError, match="Add --overwrite"):
        write_pytorch_folder(str(path), str(tmp_path / "out"))
    write_pytorch_folder(
        str(path), str(tmp_path / "out"), step=3, overwrite=True
    )
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "class_names.txt").write_text("a")
    with pytest.raises(UserError, match="something else. Choose another"):
        write_pytorch_folder(str(path), str(tmp_path / "mine"), overwrite=True)


def test_an_identity_adaptor_is_refused(tmp_path):
    network = NetworkConfig(resolution=32, num_classes=3, adaptor="identity")
    config = Config(network=network)
    (tmp_path / "config.json").write_text(config.to_json())
    (tmp_path / "data.json").write_text('{"class_names": ["a", "b", "c"]}')
    Checkpoints(tmp_path / "checkpoints", {}, keep=1).save(1, {})
    assert (tmp_path / "checkpoints/step-00000001" / "ckpt.index").exists()
    with pytest.raises(UserError, match="adaptor='identity'"):
        write_pytorch_folder(str(tmp_path), str(tmp_path / "out"))


@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="torch is not installed"
)
def test_torch_loads_what_is_written(trained, tmp_path):
    torch = importlib.import_module("torch")
    path, _ = trained
    write_pytorch_folder(str(path), str(tmp_path / "out"))
    for file in (tmp_path / "out").glob("*.pth"):
        theirs = torch.load(file, weights_only=True)
        ours = read_tensors(file)
        assert list(theirs) == list(ours)
        for name, tensor in theirs.items():
            np.testing.assert_array_equal(tensor.numpy(), ours[name].value)
