import json
import os

import numpy as np
import pytest

from deepi2i_tf.reporting import report_data
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


def test_a_missing_file_is_no_error(tmp_path):
    path = str(tmp_path / "none")
    assert report_data.read_text(path) == ""
    assert report_data.read_json(path) == {}
    assert report_data.read_rows(path) == []
    assert report_data.read_pictures(path) == {}
    assert report_data.read_log(path) == {}


def test_the_log_becomes_curves_of_finite_values(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(
        '{"step": 20, "loss": 1.5, "sigma/a": 2}\n'
        '{"step": 40, "loss": NaN, "sigma/a": 3}\n'
        '{"step": 40, "evaluation/rc": 0.5, "note": "text"}\n'
        '{"step": 60, "loss": Infinity}\n[1]\n{"loss": 2}\n{"step": 80, "lo'
    )
    log = report_data.read_log(str(path))
    assert set(log) == {"loss", "sigma/a", "evaluation/rc"}
    assert log["loss"].steps.tolist() == [20]
    assert log["loss"].values.tolist() == [1.5]
    assert log["loss"].dropped == 2
    assert log["sigma/a"].steps.tolist() == [20, 40]
    assert log["sigma/a"].dropped == 0


def test_rows_keep_quoted_names_and_short_lines(tmp_path):
    path = tmp_path / "per_class.csv"
    path.write_text('class,rc,fid\n"a, ""b""",0.5\nc,,3,surplus\n')
    assert report_data.read_rows(str(path)) == [
        {"class": 'a, "b"', "rc": "0.5", "fid": ""},
        {"class": "c", "rc": "", "fid": "3"},
    ]


def test_pictures_keep_what_a_report_knows(tmp_path):
    path = str(tmp_path / "pictures.npz")
    np.savez(path, sources=np.zeros((2, 4, 4, 3), np.uint8), other=np.ones(3))
    assert list(report_data.read_pictures(path)) == ["sources"]


@pytest.mark.parametrize(
    "read, content, said",
    [
        (report_data.read_json, b"{", "to be a JSON object"),
        (report_data.read_json, b"[1]", "a list"),
        (report_data.read_text, b"\xff\xfe", "a text in UTF-8"),
        (report_data.read_pictures, b"PK nothing", "a NumPy archive"),
        (report_data.read_pictures, b"", "a NumPy archive"),
    ],
)
def test_a_damaged_file_is_refused_by_name(tmp_path, read, content, said):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(UserError, match=said) as refusal:
        read(str(path))
    assert str(path) in str(refusal.value)


def test_pictures_of_other_dimensions_are_refused(tmp_path):
    path = str(tmp_path / "pictures.npz")
    np.savez(path, grid=np.zeros((2, 4, 4, 3), np.uint8))
    with pytest.raises(UserError, match=r"grid.*5 dimensions.*\(2, 4, 4, 3\)"):
        report_data.read_pictures(path)


def _measured(step, rc, num_z=1):
    protocol = {"step": step, "num_z": num_z, "weights_sha256": str(step)}
    return {"rc": rc, "pose_r2": {"roll": rc / 2}, "protocol": protocol}


def test_reports_that_were_measured_alike_make_curves(tmp_path):
    run = tmp_path / "run"
    _write(run / "report", metrics=_measured(900, 0.9))
    _write(run / "report-500", metrics=_measured(500, 0.5))
    _write(run / "others", metrics=_measured(100, 0.1, num_z=2))
    log = read_report(str(run / "report"), str(run)).log
    assert log["measured/rc"].steps.tolist() == [500, 900]
    assert log["measured/pose_r2/roll"].values.tolist() == [0.25, 0.45]
    assert "measured/protocol/step" not in log
    alone = read_report(str(run / "others"), str(run)).log
    assert alone == {}


def test_the_newest_checkpoint_tells_of_rollbacks(tmp_path):
    run = tmp_path / "run"
    _write(run / "report", metrics=_measured(900, 0.9))
    made = {"step": 700, "returned_to": 400, "reason": "gap is 0.01."}
    for step, decisions in ((400, []), (900, [made])):
        folder = run / "checkpoints" / f"step-{step:08d}"
        _write(folder, checkpoint={"rollbacks": {"decisions": decisions}})
    assert read_report(str(run / "report"), str(run)).rollbacks == [made]
