"""Tests of deepi2i_tf/serving/translator.py."""

import io
import pathlib
import shutil

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.serving import translator as translator_module
from deepi2i_tf.serving.translator import (
    LoadedTranslator,
    ModelError,
    list_versions,
    model_folder,
    slerp,
)
from tests.serving import tiny_translator


def _images(count):
    random = np.random.default_rng(count)
    return random.uniform(-1, 1, (count, 32, 32, 3)).astype(np.float32)


def test_imports_nothing_of_this_package():
    source = pathlib.Path(translator_module.__file__).read_text()
    assert "import deepi2i_tf" not in source
    assert "from deepi2i_tf" not in source


def test_facts_are_read(loaded):
    assert loaded.class_names == tiny_translator.CLASS_NAMES
    assert loaded.resolution == 32
    assert loaded.dim_z == tiny_translator.DIM_Z


def test_translate_equals_the_live_translator(loaded):
    live, images = tiny_translator.build(), _images(3)
    labels, z = np.array([2, 0, 1]), loaded.sample_z([5, 6, 7])
    expected = live(images, z=z, labels=labels, training=False)
    np.testing.assert_allclose(
        loaded.translate(images, labels, z), expected, atol=1e-5
    )


def test_batches_do_not_show(loaded):
    count = loaded.batch_size + 3
    images, z = _images(count), loaded.sample_z(range(count))
    labels = np.arange(count) % 3
    together = loaded.translate(images, labels, z)
    assert together.shape == images.shape
    alone = loaded.translate(images[-1:], labels[-1:], z[-1:])
    np.testing.assert_allclose(together[-1:], alone, atol=1e-6)


def test_translate_mix_ends_in_its_classes(loaded):
    images, z = _images(2), loaded.sample_z([0, 1])
    mixed = loaded.translate_mix(images, [0, 0], [2, 2], [0.0, 1.0], z)
    np.testing.assert_allclose(
        mixed, loaded.translate(images, [0, 2], z), atol=1e-6
    )


def test_translate_files(loaded):
    buffer = io.BytesIO()
    Image.fromarray(tiny_translator.photo(40, 60)).save(buffer, "JPEG")
    made = loaded.translate_files([buffer.getvalue()] * 2, [0, 1], [0, 0])
    assert len(made) == 2
    assert Image.open(io.BytesIO(made[0])).size == (32, 32)
    assert made[0] != made[1]


def test_an_empty_batch_is_an_error(loaded):
    with pytest.raises(ValueError, match="at least one picture"):
        loaded.translate(_images(0), [], np.zeros((0, loaded.dim_z)))


def test_class_index_knows_names_and_proposes_near_ones(loaded):
    assert loaded.class_index("meerkat") == 2
    with pytest.raises(ModelError, match="'Huskey'. Nearest: husky"):
        loaded.class_index("Huskey")
    with pytest.raises(ModelError, match="Known: husky, golden retriever"):
        loaded.class_index("xyz")


def test_a_class_is_known_in_whatever_form_its_name_is_given(
    loaded, monkeypatch
):
    monkeypatch.setattr(loaded, "class_names", ("a", "e\u0301", "\xf6"))
    assert loaded.class_index("\xe9") == 1
    assert loaded.class_index("o\u0308") == 2


def test_interpolation_of_z_keeps_ends_and_length():
    first = np.array([3.0, 0.0], np.float32)
    second = np.array([0.0, 3.0], np.float32)
    np.testing.assert_allclose(slerp(first, second, 0.0), first)
    np.testing.assert_allclose(slerp(first, second, 1.0), second, atol=1e-6)
    # A quarter turn's middle: 3 (cos 45, sin 45).
    np.testing.assert_allclose(
        slerp(first, second, 0.5), [3 / np.sqrt(2)] * 2, rtol=1e-6
    )


def test_interpolation_of_parallel_z_is_straight():
    first = np.array([1.0, 2.0], np.float32)
    np.testing.assert_allclose(
        slerp(first, 3 * first, 0.5), 2 * first, rtol=1e-6
    )


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="not a folder. Export one"):
        LoadedTranslator(str(tmp_path / "nothing"))


def test_versions_are_whole_numbers_with_a_model(tmp_path):
    for name in ("2", "10", "3", ".tmp-11", "v12", "13"):
        (tmp_path / name).mkdir()
        if name != "13":  # half of a version
            (tmp_path / name / "saved_model.pb").touch()
    versions = list_versions(str(tmp_path))
    assert list(versions) == [2, 3, 10]
    assert model_folder(str(tmp_path)) == versions[10] == str(tmp_path / "10")
    assert model_folder(versions[3]) == versions[3]
    assert list_versions(str(tmp_path / "nothing")) == {}


def test_another_folder_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="assets/model.json"):
        LoadedTranslator(str(tmp_path))


@pytest.mark.parametrize(
    "damage",
    [
        "saved_model.pb",
        "variables/variables.index",
        "variables/variables.data-00000-of-00001",
        "assets/model.json",
        "assets/class_names.txt",
    ],
)
@pytest.mark.parametrize("how", ["missing", "cut", "empty"])
def test_a_damaged_model_is_an_error(exported, tmp_path, damage, how):
    folder = tmp_path / "model"
    shutil.copytree(exported, folder)
    path = folder / damage
    content = path.read_bytes()
    path.unlink()
    if how != "missing":
        path.write_bytes(content[: len(content) // 2 if how == "cut" else 0])
    with pytest.raises(ModelError, match="Export it again") as caught:
        LoadedTranslator(str(folder))
    assert "\n" not in str(caught.value)
