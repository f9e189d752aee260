import pytest

from data_prep.errors import Refusal
from data_prep.manifest import read_manifest
from data_prep.records import image_of, label_of, read_examples


def test_examples_are_read_back(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    examples = list(read_examples(folder, read_manifest(folder), "train"))
    assert len(examples) == 27
    assert sorted(map(label_of, examples)) == [0] * 9 + [1] * 9 + [2] * 9
    assert image_of(examples[0]).shape == (16, 16, 3)


def test_a_damaged_shard_is_named(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    shard = next(folder.glob("*train*"))
    content = bytearray(shard.read_bytes())
    content[100] ^= 255
    shard.write_bytes(content)
    with pytest.raises(Refusal, match=f"{shard.name}.*DataLossError"):
        list(read_examples(folder, read_manifest(folder), "train"))
