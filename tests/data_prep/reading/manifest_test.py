import pytest

from data_prep.reading import manifest
from deepi2i_tf.utils.errors import UserError


def write_folder(folder):
    (folder / "a-0").write_bytes(b"abc")
    shard = manifest.describe_shard(folder / "a-0", 3)
    content = {"splits": {"train": {"num_examples": 3, "shards": [shard]}}}
    manifest.write_manifest(folder, content)


def test_a_shard_is_described(tmp_path):
    (tmp_path / "a-0").write_bytes(b"abc")
    shard = manifest.describe_shard(tmp_path / "a-0", 3)
    assert shard["num_bytes"] == 3
    # The SHA-256 of "abc", from FIPS 180-2.
    assert shard["sha256"].startswith("ba7816bf8f01cfea414140de5dae2223")


def test_what_is_written_is_read(tmp_path):
    write_folder(tmp_path)
    found = manifest.read_manifest(tmp_path)
    assert found["format"] == manifest.FORMAT
    assert found["splits"]["train"]["num_examples"] == 3
    assert not manifest.faults(tmp_path, found)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a-0",
        "manifest.json",
    ]


@pytest.mark.parametrize(
    ("content", "fault"),
    [(None, "missing"), (b"ab", "2 bytes instead of 3"), (b"abd", "checksum")],
)
def test_faults_are_named(tmp_path, content, fault):
    write_folder(tmp_path)
    if content is None:
        (tmp_path / "a-0").unlink()
    else:
        (tmp_path / "a-0").write_bytes(content)
    (found,) = manifest.faults(tmp_path, manifest.read_manifest(tmp_path))
    assert found.startswith("a-0") and fault in found


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}'])
def test_a_foreign_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(UserError, match="prepare it again"):
        manifest.read_manifest(tmp_path)


def test_no_manifest_is_refused(tmp_path):
    with pytest.raises(UserError, match="prepare it again"):
        manifest.read_manifest(tmp_path)
