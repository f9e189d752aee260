import numpy as np
import pytest

from deepi2i_tf.reporting import report_files
from deepi2i_tf.utils.errors import UserError


def test_a_missing_file_is_no_mistake(tmp_path):
    path = str(tmp_path / "none")
    assert report_files.read_text(path) == ""
    assert report_files.read_json(path) == {}
    assert report_files.read_rows(path) == []
    assert report_files.read_pictures(path) == {}
    assert report_files.read_log(path) == {}


def test_the_log_becomes_curves_of_finite_values(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.write_text(
        '{"step": 20, "loss": 1.5, "sigma/a": 2}\n'
        '{"step": 40, "loss": NaN, "sigma/a": 3}\n'
        '{"step": 40, "evaluation/rc": 0.5, "note": "text"}\n'
        '{"step": 60, "loss": Infinity}\n[1]\n{"loss": 2}\n{"step": 80, "lo'
    )
    log = report_files.read_log(str(path))
    assert set(log) == {"loss", "sigma/a", "evaluation/rc"}
    assert log["loss"].steps.tolist() == [20]
    assert log["loss"].values.tolist() == [1.5]
    assert log["loss"].dropped == 2
    assert log["sigma/a"].steps.tolist() == [20, 40]
    assert log["sigma/a"].dropped == 0


def test_rows_keep_quoted_names_and_short_lines(tmp_path):
    path = tmp_path / "per_class.csv"
    path.write_text('class,rc,fid\n"a, ""b""",0.5\nc,,3,surplus\n')
    assert report_files.read_rows(str(path)) == [
        {"class": 'a, "b"', "rc": "0.5", "fid": ""},
        {"class": "c", "rc": "", "fid": "3"},
    ]


def test_pictures_keep_what_a_report_knows(tmp_path):
    path = str(tmp_path / "pictures.npz")
    np.savez(path, sources=np.zeros((2, 4, 4, 3), np.uint8), other=np.ones(3))
    assert list(report_files.read_pictures(path)) == ["sources"]


@pytest.mark.parametrize(
    "read, content, said",
    [
        (report_files.read_json, b"{", "to be a JSON object"),
        (report_files.read_json, b"[1]", "a list"),
        (report_files.read_text, b"\xff\xfe", "a text in UTF-8"),
        (report_files.read_pictures, b"PK nothing", "a NumPy archive"),
        (report_files.read_pictures, b"", "a NumPy archive"),
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
        report_files.read_pictures(path)
