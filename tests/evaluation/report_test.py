import json
import os

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.evaluation import report
from deepi2i_tf.evaluation.real_images import RealImages

SCORES = {
    "rc": 0.5,
    "rc_real": 1.0,
    "pose_r2": {"x": 0.25, "y": -1.5},
    "per_class": {"a, b": {"rc": 0.5, "rc_real": 1.0}, "c": {"rc": 0.5}},
    "protocol": {"split": "test", "seed": 0},
}


def _write(output, num_classes=2):
    sources = RealImages(
        np.zeros((3, 8, 8, 3), np.uint8), np.array([0, 1, 0], np.int32)
    )
    pictures = np.zeros((num_classes, 3, 8, 8, 3), np.uint8)
    names = tuple(f"class {c}" for c in range(num_classes))
    report.write_report(str(output), SCORES, sources, pictures, names)


def test_writes_whole_files_over_older_ones(tmp_path):
    output = tmp_path / "run" / "report"
    for _ in range(2):
        _write(output)
        assert sorted(os.listdir(output)) == [
            "metrics.json",
            "per_class.csv",
            "translations.png",
        ]
    assert json.loads((output / "metrics.json").read_text()) == SCORES


def test_sheet_grows_with_classes_up_to_a_bound(tmp_path):
    heights = []
    for count in (2, 19, 40):
        _write(tmp_path, count)
        with Image.open(tmp_path / "translations.png") as sheet:
            heights.append(sheet.height)
    assert heights[0] < heights[1] < heights[2] < 1.2 * heights[1]


def test_csv_quotes_names_and_leaves_absent_numbers_empty():
    assert report.per_class_csv(SCORES) == (
        'class,rc,rc_real\n"a, b",0.5,1.0\nc,0.5,\n'
    )


def test_description_has_the_protocol_and_every_number():
    assert report.describe(SCORES).splitlines() == [
        "split: test",
        "seed: 0",
        "rc: 0.5000",
        "rc_real: 1.0000",
        "pose_r2: x 0.250, y -1.500",
    ]


def test_numbers_that_are_none_never_reach_a_file(tmp_path):
    with pytest.raises(ValueError):
        report.write_report(
            str(tmp_path),
            SCORES | {"rc": float("nan")},
            RealImages(np.zeros((1, 8, 8, 3), np.uint8), np.zeros(1, int)),
            np.zeros((1, 1, 8, 8, 3), np.uint8),
            ("c",),
        )
    assert "metrics.json" not in os.listdir(tmp_path)
