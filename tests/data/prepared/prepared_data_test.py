import dataclasses
import json
import os

import numpy as np
import pytest

from deepi2i_tf.data.prepared import prepared_data
from deepi2i_tf.runs.identity import data_facts
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit
from tests.data import prepared_set


def test_reads_what_the_manifest_says(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = prepared_data.read_manifest(path)
    prepared_data.check_shards(data)
    assert data.class_names == ("cat", "dog", "elk")
    assert data.num_classes == 3
    assert data.num_examples == {"train": 23, "test": 7}
    assert data.features == ("id", "image", "label", "pose")
    paths = data.shard_paths("train")
    assert len(paths) == 3 and paths == sorted(paths)
    assert data.num_bytes("train") == sum(map(os.path.getsize, paths))


def test_the_fit_is_that_of_the_manifest_and_part_of_the_facts(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = prepared_data.read_manifest(path)
    assert data.fit == Fit() and "fit" not in data_facts(data)
    manifest = os.path.join(path, "manifest.json")
    with open(manifest, encoding="utf-8") as stream:
        values = json.load(stream)
    prepared_set.write_json(manifest, values | Fit("squash").to_dict())
    data = prepared_data.read_manifest(path)
    assert data.fit == Fit.from_dict(data_facts(data)) == Fit("squash")
    prepared_set.write_json(manifest, values | {"fit": {"way": "fill"}})
    with pytest.raises(UserError, match="'fill'"):
        prepared_data.read_manifest(path)


def test_records_of_both_splits_in_the_same_shards(tmp_path):
    data = prepared_data.read_manifest(prepared_set.write_prepared(tmp_path))
    assert data.num_stored("train") == 23
    shards = {"train": data.shards["train"], "test": data.shards["train"]}
    counts = {"train": 21, "test": 2}
    data = dataclasses.replace(
        data,
        shards=shards,
        num_examples=counts,
        chosen={split: np.ones(23, bool) for split in shards},
    )
    assert data.num_stored("train") == data.num_stored("test") == 23
    prepared_data.check_shards(data)
    none = dataclasses.replace(data, num_examples={"train": 23, "test": 0})
    with pytest.raises(UserError, match="split test.*its 0 images"):
        prepared_data.check_shards(none)


def test_identity_is_the_manifest_or_photos_at_a_resolution(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    data = prepared_data.read_manifest(path)
    with open(os.path.join(path, "manifest.json"), "rb") as stream:
        assert data.identity() == stream.read()
    prepared_set.write_json(os.path.join(path, "dataset_info.json"), {})
    photos = dataclasses.replace(data, encoding="photo")
    larger = dataclasses.replace(photos, resolution=16)
    identities = {one.identity() for one in (data, photos, larger)}
    assert len(identities) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": 2}, "format=2"),
        ({"splits": {"train": {}}}, "fails at 'test'"),
        ({"splits": None}, "Prepare the data set again"),
    ],
)
def test_refuses_another_manifest(tmp_path, changes, message):
    path = prepared_set.write_prepared(tmp_path)
    prepared_set.edit_manifest(path, **changes)
    with pytest.raises(UserError, match=message):
        prepared_data.read_manifest(path)


def test_refuses_a_manifest_that_is_not_json(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    with open(os.path.join(path, "manifest.json"), "w") as stream:
        stream.write('{"format": 1, ')
    with pytest.raises(UserError, match="readable JSON"):
        prepared_data.read_manifest(path)


def test_refuses_a_manifest_that_is_no_object(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    prepared_set.write_json(os.path.join(path, "manifest.json"), [1])
    with pytest.raises(UserError, match="readable JSON"):
        prepared_data.read_manifest(path)


def _check(path):
    prepared_data.check_shards(prepared_data.read_manifest(path))


def test_refuses_a_missing_shard(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    file = prepared_set.shard_file(path, "test")
    os.remove(file)
    with pytest.raises(UserError, match=f"{file}.*no such file"):
        _check(path)


def test_refuses_an_empty_shard(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    file = prepared_set.shard_file(path)
    os.truncate(file, 0)
    with pytest.raises(UserError, match=f"{file}.*an empty shard"):
        _check(path)


def test_refuses_a_truncated_shard(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    file = prepared_set.shard_file(path)
    size = os.path.getsize(file)
    os.truncate(file, size - 1)
    with pytest.raises(UserError, match=f"{size} bytes.*{size - 1} bytes"):
        _check(path)


def test_refuses_counts_that_do_not_add_up(tmp_path):
    path = prepared_set.write_prepared(tmp_path)
    with open(os.path.join(path, "manifest.json")) as stream:
        splits = json.load(stream)["splits"]
    splits["train"]["num_examples"] += 1
    prepared_set.edit_manifest(path, splits=splits)
    with pytest.raises(UserError, match="24 images.*23 listed"):
        _check(path)
