import os

import pytest

from deepi2i_tf.data import folders
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set


def _made(tmp_path, *names):
    for name in names:
        os.makedirs(tmp_path / name)
    return str(tmp_path)


def test_the_newest_version_of_every_config_is_taken(tmp_path):
    root = _made(
        tmp_path,
        "dogs/1.9.0",
        "dogs/1.10.0",
        "dogs/small/0.1.0",
        "dogs/small/incomplete.ABC_0.2.0",
        "dogs/large/3.0.0",
        "dogs/empty",
        "cats/r8/1.0.0",
        "downloads/extracted",
        ".preparing-dogs/r8/9.0.0",
    )
    dogs = [
        os.path.join(root, "dogs", *parts)
        for parts in (("1.10.0",), ("large", "3.0.0"), ("small", "0.1.0"))
    ]
    cats = [os.path.join(root, "cats", "r8", "1.0.0")]
    assert folders.version_folders(root, "dogs") == dogs
    assert folders.version_folders(root, "birds") == []
    assert folders.version_folders(root, "") == cats + dogs
    assert folders.dataset_names(root) == ["cats", "dogs"]


def test_a_folder_that_is_no_folder_holds_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("file", "nothing"):
        place = str(tmp_path / name)
        assert folders.version_folders(place, "") == []
        assert folders.version_folders(place, "dogs") == []


@pytest.mark.parametrize("name", ["manifest.json", "dataset_info.json"])
def test_the_folder_of_a_version_is_taken_itself(tmp_path, name):
    _made(tmp_path, "dogs/1.0.0")
    (tmp_path / name).write_text("{}")
    for dataset in ("", "dogs"):
        found = folders.version_folders(str(tmp_path), dataset)
        assert found == [str(tmp_path)]


def test_reads_what_data_prep_and_what_tfds_wrote(tmp_path):
    ours = prepared_set.write_prepared(tmp_path)
    prepared_set.write_json(os.path.join(ours, "dataset_info.json"), {})
    data = folders.read_folder(ours, 64)
    assert (data.encoding, data.resolution) == ("png", 8)
    data = folders.read_folder(tfds_set.write_set(tmp_path), 64)
    assert (data.encoding, data.resolution) == ("photo", 64)


@pytest.mark.parametrize("message", [None, "data_prep.creatures.a_builder"])
def test_an_unfinished_preparation_is_refused(tmp_path, message):
    path = prepared_set.write_prepared(tmp_path)
    os.remove(os.path.join(path, "manifest.json"))
    if message:
        facts = os.path.join(path, "dataset_info.json")
        prepared_set.write_json(facts, {"moduleName": message})
    with pytest.raises(UserError, match="did not finish.*prepare it again.$"):
        folders.read_folder(path, 8)
    with pytest.raises(UserError, match="prepare it again: do this$"):
        folders.read_folder(path, 8, "do this")
