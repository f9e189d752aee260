import os
import shutil

import pytest

from deepi2i_tf.data import manifest
from deepi2i_tf.utils.errors import UserError
from tests.data import prepared_set, tfds_set


def _find(data_dir, **requested):
    requested = {"dataset": "creatures", "resolution": 8} | requested
    return manifest.find_prepared(str(data_dir), **requested)


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


def test_damage_elsewhere_does_no_harm(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    other = prepared_set.write_prepared(tmp_path, config="r16", resolution=16)
    os.remove(prepared_set.shard_file(other))
    assert _find(tmp_path).path == path
    os.remove(prepared_set.shard_file(path))
    with pytest.raises(UserError, match="no such file"):
        _find(tmp_path)


def test_verify_sees_one_flipped_bit(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = _find(tmp_path)
    manifest.verify(data)
    file = prepared_set.shard_file(path, "test")
    prepared_set.damage(file)
    with pytest.raises(UserError, match=f"{file}.*sha256"):
        manifest.verify(_find(tmp_path))


def test_verify_decodes_what_has_no_checksum(tmp_path):
    path = tfds_set.write_set(tmp_path)
    manifest.verify(_find(tmp_path, dataset="pets"))
    file = prepared_set.shard_file(path, "test", 0)
    prepared_set.damage(file)
    with pytest.raises(UserError, match=f"{file}.*a damaged record"):
        manifest.verify(_find(tmp_path, dataset="pets"))


def test_check_num_classes(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = _find(tmp_path)
    assert manifest.check_num_classes(data, 0) == 3
    assert manifest.check_num_classes(data, 3) == 3
    with pytest.raises(UserError, match="3 classes.*num_classes=149"):
        manifest.check_num_classes(data, 149)
    prepared_set.edit_manifest(path, class_names=["cat"])
    with pytest.raises(UserError, match=r"at least two.*1 \(cat\)"):
        manifest.check_num_classes(_find(tmp_path), 0)
