"""A model file of somebody else runs nothing, and other files are told."""

import json
import shutil
import zipfile

import keras
import pytest

from deepi2i_tf.api.translators import load_translator
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.utils.errors import UserError
from tests.models import tiny

RAN = []


def changed(path, change):
    """Rewrites the configuration in a .keras file."""
    with zipfile.ZipFile(path) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    config = json.loads(files["config.json"])
    change(config)
    files["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "x.keras"
    DeepI2I(tiny.config()).save(path)
    return path


@pytest.fixture
def stored(whole, tmp_path):
    return shutil.copy(whole, tmp_path / "x.keras")


def test_a_lambda_in_the_place_of_a_network_does_not_run(stored):
    evil = keras.layers.Lambda(lambda x: RAN.append(1))
    adaptor = keras.saving.serialize_keras_object(evil)
    changed(
        stored, lambda file: file["config"]["networks"].update(adaptor=adaptor)
    )
    with pytest.raises(UserError, match="deserialization of a .*lambda"):
        load_translator(stored)
    with pytest.raises(ValueError, match="lambda"):
        keras.saving.load_model(stored)
    assert not RAN


def test_a_file_of_another_version_is_told(stored):
    changed(stored, lambda file: file["config"].update(format=7))
    with pytest.raises(UserError, match="format 1. Received: format 7"):
        load_translator(stored)


def test_a_configuration_of_another_version_is_told(stored):
    def add(file):
        file["config"]["config"]["training"]["warp"] = 9

    changed(stored, add)
    with pytest.raises(UserError, match="file of this version.*'warp'"):
        load_translator(stored)


def test_a_model_of_something_else_is_told(tmp_path):
    other = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    other.save(tmp_path / "x.keras")
    with pytest.raises(UserError, match="hold a translator. Received: a Sequ"):
        load_translator(tmp_path / "x.keras")
