import os
import shutil

import pytest

from deepi2i_tf.data.prepared import find
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set


def _find(data_dir, **requested):
    requested = {"dataset": "creatures", "resolution": 8} | requested
    return find.find_prepared(str(data_dir), **requested)


def test_finds_the_only_one_of_the_resolution(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    prepared_set.write_prepared(tmp_path, config="r16_c3_n30_s0", resolution=16)
    assert _find(tmp_path).path == path


def test_takes_the_prepared_folder_itself(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    assert _find(path).path == path


def test_takes_the_newest_version(tmp_path):
    prepared_set.write_prepared(tmp_path, version="1.9.0")
    path = prepared_set.write_prepared(tmp_path, version="1.10.0")
    prepared_set.write_prepared(tmp_path, version="incomplete.ABC_2.0.0")
    assert _find(tmp_path).path == path


def test_missing_prints_the_source_and_the_command(tmp_path):
    with pytest.raises(UserError) as refusal:
        _find(tmp_path, dataset="nabirds", data_source="See NABirds' page.")
    message = str(refusal.value)
    assert os.path.join(str(tmp_path), "nabirds") in message
    assert "See NABirds' page." in message
    assert "python -m data_prep.prepare --dataset=nabirds" in message
    assert "\n" not in message


def test_the_command_draws_the_creatures_of_the_config(tmp_path):
    with pytest.raises(UserError) as refusal:
        _find(tmp_path, data_config="r8_c16_n200_s3")
    assert str(refusal.value).endswith(
        "--dataset=creatures --resolution=8 "
        f"--data_dir={tmp_path} --num_classes=16 --num_images=200 --seed=3"
    )


def test_without_a_name_the_only_one_that_fits_is_taken(tmp_path):
    path = prepared_set.write_prepared(tmp_path, dataset="elks")
    prepared_set.write_prepared(tmp_path, dataset="cats", resolution=16)
    data = _find(tmp_path, dataset="")
    assert (data.path, data.dataset) == (path, "elks")
    assert _find(path, dataset="").path == path
    photos = tfds_set.write_set(tmp_path)
    assert _find(tmp_path, dataset="", resolution=32).path == photos
    assert _find(photos, dataset="", resolution=32).resolution == 32
    with pytest.raises(UserError, match="2 that fit: elks.*, pets at any"):
        _find(tmp_path, dataset="")
    assert _find(tmp_path, dataset="pets").path == photos


def test_the_home_folder_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tfds_set.write_set(tmp_path / "tensorflow_datasets")
    assert _find("~/tensorflow_datasets", dataset="pets").path == path
    with pytest.raises(UserError, match=f"{tmp_path}/elsewhere"):
        _find("~/elsewhere", dataset="pets")


def test_a_name_is_held_against_what_the_folder_says(tmp_path):
    path = tfds_set.write_set(tmp_path, config="small")
    with pytest.raises(UserError, match="set dogs.*: pets/small at any.*load"):
        _find(path, dataset="dogs")
    with pytest.raises(UserError, match="--data_config=large.*pets/small"):
        _find(tmp_path, dataset="pets", data_config="large")


def test_a_set_without_photos_is_refused_and_in_nobodys_way(tmp_path):
    path = tfds_set.write_set(tmp_path)
    other = tmp_path / "texts" / "1.0.0"
    shutil.copytree(path, other)
    prepared_set.write_json(other / "features.json", {})
    assert _find(tmp_path, dataset="").path == path
    with pytest.raises(UserError, match="texts.*as TFDS 4 writes them"):
        _find(tmp_path, dataset="texts")
    shutil.rmtree(path)
    with pytest.raises(UserError, match="texts.*as TFDS 4 writes them"):
        _find(tmp_path, dataset="")


def test_several_that_fit_need_a_name(tmp_path):
    prepared_set.write_prepared(tmp_path, config="r8_c3_n30_s0")
    path = prepared_set.write_prepared(tmp_path, config="r8_c3_n30_s1")
    with pytest.raises(UserError, match="2 that fit.*n30_s0.*n30_s1"):
        _find(tmp_path)
    assert _find(tmp_path, data_config="r8_c3_n30_s1").path == path


def test_another_resolution_is_named(tmp_path):
    prepared_set.write_prepared(tmp_path)
    with pytest.raises(UserError, match="at 64 px.*n30_s0 at 8 px.*=64"):
        _find(tmp_path, resolution=64)


def test_another_data_set_is_named(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    with pytest.raises(UserError, match="set birds.*creatures/r8_c3"):
        _find(path, dataset="birds")


def test_an_unknown_config_is_refused(tmp_path):
    prepared_set.write_prepared(tmp_path)
    with pytest.raises(UserError, match="--data_config=r8_x.*r8_c3_n30_s0"):
        _find(tmp_path, data_config="r8_x")


def test_a_folder_without_manifest_is_refused(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    os.remove(os.path.join(path, "manifest.json"))
    with pytest.raises(UserError, match="did not finish.*prepare it again"):
        _find(tmp_path)
    facts = {"moduleName": "data_prep.creatures.creatures_dataset_builder"}
    prepared_set.write_json(os.path.join(path, "dataset_info.json"), facts)
    with pytest.raises(UserError, match="did not finish"):
        _find(path)


def test_a_folder_that_is_no_utf_8_is_refused_and_in_nobodys_way(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    odd = os.fsencode(tmp_path) + b"/caf\xe9"
    os.rename(os.path.dirname(os.path.dirname(path)), odd)
    with pytest.raises(UserError, match=r"in UTF-8.*caf\\xe9"):
        _find(tmp_path, dataset="")
    path = prepared_set.write_prepared(tmp_path)
    assert _find(tmp_path, dataset="").path == path


def test_damage_elsewhere_does_no_harm(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    other = prepared_set.write_prepared(tmp_path, config="r16", resolution=16)
    os.remove(prepared_set.shard_file(other))
    assert _find(tmp_path).path == path
    os.remove(prepared_set.shard_file(path))
    with pytest.raises(UserError, match="no such file"):
        _find(tmp_path)


def test_check_num_classes(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = _find(tmp_path)
    assert find.check_num_classes(data, 0) == 3
    assert find.check_num_classes(data, 3) == 3
    with pytest.raises(UserError, match="3 classes.*num_classes=149"):
        find.check_num_classes(data, 149)
    prepared_set.edit_manifest(path, class_names=["cat"])
    with pytest.raises(UserError, match=r"at least two.*1 \(cat\)"):
        find.check_num_classes(_find(tmp_path), 0)


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
    assert find.version_folders(root, "dogs") == dogs
    assert find.version_folders(root, "birds") == []
    assert find.version_folders(root, "") == cats + dogs
    assert find.dataset_names(root) == ["cats", "dogs"]


def test_a_folder_that_is_no_folder_holds_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("file", "nothing"):
        place = str(tmp_path / name)
        assert find.version_folders(place, "") == []
        assert find.version_folders(place, "dogs") == []


@pytest.mark.parametrize("name", ["manifest.json", "dataset_info.json"])
def test_the_folder_of_a_version_is_taken_itself(tmp_path, name):
    _made(tmp_path, "dogs/1.0.0")
    (tmp_path / name).write_text("{}")
    for dataset in ("", "dogs"):
        found = find.version_folders(str(tmp_path), dataset)
        assert found == [str(tmp_path)]


def test_reads_what_data_prep_and_what_tfds_wrote(tmp_path):
    ours = prepared_set.write_prepared(tmp_path)
    prepared_set.write_json(os.path.join(ours, "dataset_info.json"), {})
    data = find.read_folder(ours, 64)
    assert (data.encoding, data.resolution) == ("png", 8)
    data = find.read_folder(tfds_set.write_set(tmp_path), 64)
    assert (data.encoding, data.resolution) == ("photo", 64)


@pytest.mark.parametrize("message", [None, "data_prep.creatures.a_builder"])
def test_an_unfinished_preparation_is_refused(tmp_path, message):
    path = prepared_set.write_prepared(tmp_path)
    os.remove(os.path.join(path, "manifest.json"))
    if message:
        facts = os.path.join(path, "dataset_info.json")
        prepared_set.write_json(facts, {"moduleName": message})
    with pytest.raises(UserError, match="did not finish.*prepare it again.$"):
        find.read_folder(path, 8)
    with pytest.raises(UserError, match="prepare it again: do this$"):
        find.read_folder(path, 8, "do this")
