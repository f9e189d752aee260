import dataclasses

import numpy as np
import pytest

from deepi2i_tf.reporting.html.images import Encoder
from deepi2i_tf.reporting.sections import classes
from tests.reporting import drawn_report
from tests.reporting.page_parts import report_page, report_parts

ENCODER = Encoder()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return drawn_report.read(tmp_path_factory.mktemp("drawn"))


def _rows(report, column, values):
    rows = [
        {"class": name, column: value}
        for name, value in zip(report.class_names, values, strict=True)
    ]
    return dataclasses.replace(report, rows=rows)


def _extremes(report):
    parts = report_parts(extremes=classes.extremes(report, ENCODER))
    tables = [
        [row[0].strip().replace("\n", "|") for row in table]
        for table in parts.tables
    ]
    return tables, parts


def test_best_and_worst_are_by_rc_with_pictures(report):
    ranked = _rows(report, "rc", ["0.5", "0.9", "", "1", "0.25"])
    (best, worst), parts = _extremes(ranked)
    assert best == ["frog|RC 100.0", "rabbit|RC 90.0"]
    assert worst == ["hound|RC 25.0", "tiger|RC 50.0"]
    random = report.pictures["random_targets"].tolist()
    frogs = 3 + random.count(3)
    alts = [image["alt"] for image in parts.images]
    assert alts.count("translation into frog") == frogs
    assert "without pictures" not in parts.text


def test_without_rc_the_smallest_fid_is_the_best(report):
    (best, worst), _ = _extremes(_rows(report, "fid", list("54321")))
    assert best == ["hound|FID 1.00", "frog|FID 2.00"]
    assert worst == ["tiger|FID 5.00", "rabbit|FID 4.00"]


def test_extremes_without_pictures_say_so(report):
    bare = dataclasses.replace(report, pictures={})
    _, parts = _extremes(bare)
    assert parts.images == []
    assert "A class without pictures is not among" in parts.text


def test_a_single_class_is_neither_best_nor_worst(report):
    single = dataclasses.replace(report, rows=report.rows[:1])
    assert classes.extremes(single, ENCODER) is None


def test_every_class_has_its_numbers(report):
    rows = [
        {"class": "<tiger>", "rc": "0.97625", "fid": "20.71", "fc": ""},
        {"class": "owl", "rc": "", "fid": "5.125", "fc": "0.5"},
    ]
    two = dataclasses.replace(report, rows=rows)
    section = classes.classes(two)
    assert report_parts(classes=section).tables == [
        [
            ["class", "RC %", "FC %", "FID"],
            ["<tiger>", "97.6", "-", "20.7"],
            ["owl", "-", "50.0", "5.12"],
        ]
    ]
    page = report_page(classes=section)
    assert 'data-value="0.97625"' in page
    assert 'class="numbers sortable tall"' in page


def test_the_most_frequent_mistakes_are_listed(report, tmp_path):
    counts = np.diag([10, 8, 10, 10, 5])
    counts[4, 1], counts[1, 0] = 5, 2
    mixed = dataclasses.replace(report, pictures={"confusion": counts})
    section = classes.confusion(mixed, str(tmp_path))
    parts = report_parts(confusion=section)
    assert parts.tables[0][1:] == [
        ["hound", "rabbit", "5", "50.0"],
        ["rabbit", "tiger", "2", "20.0"],
    ]
    (chart,) = parts.charts
    assert chart["aria-label"].startswith("heat map of 5 classes")
    assert all(name in section["map"] for name in report.class_names)
    assert [p.name for p in (tmp_path / "plots").iterdir()] == ["confusion.png"]


def test_a_perfect_classifier_makes_no_mistake(report, tmp_path):
    right = dataclasses.replace(
        report, pictures={"confusion": np.eye(5, dtype=int)}
    )
    section = classes.confusion(right, str(tmp_path))
    assert "There is no mistake." in report_page(confusion=section)


@pytest.mark.parametrize("count, large", [(3, False), (101, True)])
def test_maps_of_many_classes_are_larger_than_the_window(
    report, tmp_path, count, large
):
    pictures = {"confusion": np.eye(count, dtype=int)}
    many = dataclasses.replace(report, pictures=pictures)
    page = report_page(confusion=classes.confusion(many, str(tmp_path)))
    assert ('class="scroll map large"' in page) == large


def test_sections_need_their_data(report):
    bare = dataclasses.replace(report, rows=[], pictures={})
    assert classes.extremes(bare, ENCODER) is None
    assert classes.classes(bare) is None
    assert classes.confusion(bare, "") is None
