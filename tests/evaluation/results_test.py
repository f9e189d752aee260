import json
import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.evaluation import results

SCORES = {
    "rc": 0.5,
    "rc_real": 1.0,
    "mfid": 12.5,
    "mkid_x100": 3.25,
    "diversity": {"translations": 1.0, "reals": 2.0, "share": 0.5},
    "pose_r2": {"x": 0.25, "y": -1.5},
    "features": "domain",
    "per_class": {
        "a, b": {
            "rc": 0.5,
            "rc_real": 1.0,
            "fid": 12.5,
            "diversity": {"share": 0.5},
            "num_translations": 4,
        },
        "c": {"rc": 0.5, "fc": 0.25},
    },
    "protocol": {"split": "test", "seed": 0},
}
PICTURES = {"random": np.zeros((2, 8, 8, 3), np.uint8)}


def _sheet(num_classes=2, sources=3):
    shown = [np.zeros((3, 8, 8, 3), np.uint8)] * num_classes
    names = [f"class {c}" for c in range(num_classes)]
    above = np.zeros((sources, 8, 8, 3), np.uint8)
    return results.draw_translations(shown, names, above, ["x"] * sources)


def test_writes_whole_files_over_older_ones(tmp_path):
    output = tmp_path / "run" / "report"
    for _ in range(2):
        results.write_report(str(output), SCORES, PICTURES, _sheet())
        assert sorted(os.listdir(output)) == [
            "metrics.json",
            "per_class.csv",
            "pictures.npz",
            "translations.png",
        ]
    assert json.loads((output / "metrics.json").read_text()) == SCORES
    with np.load(output / "pictures.npz") as pictures:
        np.testing.assert_array_equal(pictures["random"], PICTURES["random"])
    with Image.open(output / "translations.png") as sheet:
        assert sheet.size == _sheet().size


def test_sheet_grows_with_classes_up_to_a_bound():
    heights = [_sheet(count).height for count in (2, 19, 40)]
    assert heights[0] < heights[1] < heights[2] < 1.2 * heights[1]


def test_a_sheet_without_sources_has_a_row_less():
    shown = [np.zeros((n, 8, 8, 3), np.uint8) for n in (3, 1)]
    bare = results.draw_translations(shown, ("a", "b"))
    assert bare.height < _sheet().height


def test_csv_quotes_names_and_leaves_absent_numbers_empty():
    assert results.per_class_csv(SCORES) == (
        "class,rc,rc_real,fid,kid_x100,num_translations,num_reals,fc\n"
        '"a, b",0.5,1.0,12.5,,4,,\nc,0.5,,,,,,0.25\n'
    )


def test_description_has_the_protocol_and_names_the_feature_network():
    assert results.describe(SCORES).splitlines() == [
        "split: test",
        "seed: 0",
        "rc: 0.5000",
        "rc_real: 1.0000",
        "mFID (domain): 12.5000",
        "mKID x 100 (domain): 3.2500",
        "diversity (domain): translations 1.000, reals 2.000, share 0.500",
        "pose_r2: x 0.250, y -1.500",
    ]
    other = results.describe(SCORES | {"features": "inception-2015"})
    assert "mFID (inception-2015): 12.5000" in other


def test_numbers_that_are_none_never_reach_a_file(tmp_path):
    with pytest.raises(ValueError):
        results.write_report(
            str(tmp_path), SCORES | {"rc": float("nan")}, PICTURES, _sheet()
        )
    assert "metrics.json" not in os.listdir(tmp_path)


def test_a_report_that_is_replaced_is_told(tmp_path, capsys):
    results.tell_replaced(str(tmp_path))
    assert capsys.readouterr().err == ""
    (tmp_path / "metrics.json").write_text("{}")
    results.tell_replaced(str(tmp_path))
    assert capsys.readouterr().err == f"Replaces the report in {tmp_path}.\n"
