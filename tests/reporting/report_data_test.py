import json
import os

import pytest

from deepi2i_tf.reporting.report_data import read_report
from deepi2i_tf.utils.errors import UserError
from tests.reporting import drawn_report


def _write(folder, **files):
    os.makedirs(folder, exist_ok=True)
    for name, values in files.items():
        (folder / f"{name}.json").write_text(json.dumps(values))


def test_a_report_and_its_run_are_read(tmp_path):
    report = drawn_report.read(tmp_path)
    assert report.name == "00007-drawn"
    assert report.dataset == "creatures"
    assert report.class_names == tuple(drawn_report.class_names(5))
    assert report.class_name(2) == "panda"
    assert report.class_name(99) == "class 99"
    assert report.class_name(-1) == "class -1"
    assert report.features == "domain"
    assert len(report.rows) == 5
    assert report.pictures["grid"].shape == (5, 3, 32, 32, 3)
    assert len(report.log["discriminator_loss"].steps) == 30
    assert report.flagfile == drawn_report.FLAGS


def test_a_report_needs_its_metrics_alone(tmp_path):
    output = tmp_path / "photos"
    _write(output, metrics={"rc": 0.5})
    report = read_report(str(output))
    assert report.name == "photos"
    assert (report.rows, report.pictures, report.log) == ([], {}, {})
    assert (report.flagfile, report.dataset) == ("", "")
    assert report.class_names == ()
    assert report.protocol == {}
    assert report.features == "features not told"


def test_a_report_is_called_after_the_folder_it_lies_in(tmp_path):
    output = tmp_path / "00003-birds" / "report"
    _write(output, metrics={"rc": 0.5})
    assert read_report(str(output)).name == "00003-birds"


@pytest.mark.parametrize(
    "files, path, dataset",
    [
        ({"config": {"data": {"dataset": "nabirds"}}}, "x/foods", "nabirds"),
        (
            {"config": {"data": {"dataset": ""}}, "data": {"dataset": "mine"}},
            "data/nabirds/1.0.0",
            "mine",
        ),
        ({}, "data/animal_faces/r128/1.0.0", "animal_faces"),
        ({}, "data/animal_faces_of_mine/r128/1.0.0", ""),
    ],
)
def test_the_data_set_is_told_by_the_first_that_knows(
    tmp_path, files, path, dataset
):
    _write(tmp_path / "run", **files)
    metrics = {"rc": 0.5, "protocol": {"data": path}}
    _write(tmp_path / "report", metrics=metrics)
    report = read_report(str(tmp_path / "report"), str(tmp_path / "run"))
    assert report.dataset == dataset


def test_a_folder_without_metrics_is_refused(tmp_path):
    with pytest.raises(UserError, match="metrics.json in .* Evaluate first"):
        read_report(str(tmp_path))
