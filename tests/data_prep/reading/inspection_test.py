import json
import os

import pytest

from data_prep.reading import inspection
from data_prep.reading.manifest import read_manifest
from deepi2i_tf.utils.errors import UserError


def test_counts_and_source_are_printed(tmp_path, prepare_creatures, capsys):
    prepare_creatures(tmp_path)
    inspection.inspect_all(str(tmp_path), "", "", draw_sheet=False)
    out = capsys.readouterr().out
    assert "creatures/r16_c3_n30_s0 1.0.0, 16 px, 3 classes" in out
    assert "train 27 images in 2 shards, test 3 images" in out
    assert "drawn by data_prep.creatures" in out and "panda " in out


def test_folders_are_found_by_dataset_and_config(tmp_path, prepare_creatures):
    first = prepare_creatures(tmp_path)
    second = prepare_creatures(tmp_path, seed=1)
    assert inspection.find_folders(str(tmp_path)) == [first, second]
    found = inspection.find_folders(
        str(tmp_path), "creatures", second.parent.name
    )
    assert found == [second]
    assert inspection.find_folders(str(first)) == [first]
    with pytest.raises(UserError, match="data_prep.prepare"):
        inspection.find_folders(str(tmp_path), "birds")
    os.rename(first, os.fsencode(first.parent) + b"/caf\xe9")
    with pytest.raises(UserError, match=r"in UTF-8.*caf\\xe9"):
        inspection.find_folders(str(tmp_path))


def test_a_damaged_shard_is_named(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    shard = next(folder.glob("*test*"))
    shard.write_bytes(b"")
    with pytest.raises(UserError, match=f"{shard.name}: 0 bytes instead of"):
        inspection.inspect_folder(folder, draw_sheet=False)


def test_wrong_counts_are_noticed(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    manifest = read_manifest(folder)
    manifest["counts"]["panda"]["train"] += 1
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(UserError, match="counts"):
        inspection.inspect_folder(folder, draw_sheet=False)


def test_the_sheet_is_drawn_anew(tmp_path, prepare_creatures):
    folder = prepare_creatures(tmp_path)
    (folder / "contact_sheet.png").unlink()
    inspection.inspect_folder(folder, draw_sheet=True)
    assert (folder / "contact_sheet.png").exists()
