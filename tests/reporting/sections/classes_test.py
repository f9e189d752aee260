import dataclasses

import numpy as np
import pytest

from deepi2i_tf.reporting.html.elements import Markup
from deepi2i_tf.reporting.html.images import Encoder
from deepi2i_tf.reporting.sections import classes
from tests.reporting import drawn_report
from tests.reporting.page_parts import PageParts

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
    section = classes.extremes_section(report, ENCODER)
    parts = PageParts(section.body)
    tables = [
        [row[0].replace("\n", "|") for row in table] for table in parts.tables
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
    assert classes.extremes_section(single, ENCODER) is None


def test_every_class_has_its_numbers(report):
    rows = [
        {"class": "<tiger>", "rc": "0.97625", "fid": "20.71", "fc": ""},
        {"class": "owl", "rc": "", "fid": "5.125", "fc": "0.5"},
    ]
    two = dataclasses.replace(report, rows=rows)
    section = classes.classes_section(two)
    assert PageParts(section.body).tables == [
        [
            ["class", "RC %", "FC %", "FID"],
            ["<tiger>", "97.6", "-", "20.7"],
            ["owl", "-", "50.0", "5.12"],
        ]
    ]
    assert 'data-value="0.97625"' in section.body
    assert 'class="numbers sortable tall"' in section.body


def test_the_most_frequent_mistakes_are_listed(report):
    confusion = np.diag([10, 8, 10, 10, 5])
    confusion[4, 1], confusion[1, 0] = 5, 2
    mixed = dataclasses.replace(report, pictures={"confusion": confusion})
    drawn = []

    def draw(counts, names):
        drawn.append((counts, names))
        return Markup("<i></i>")

    section = classes.confusion_section(mixed, draw)
    assert PageParts(section.body).tables[0][1:] == [
        ["hound", "rabbit", "5", "50.0"],
        ["rabbit", "tiger", "2", "20.0"],
    ]
    ((counts, names),) = drawn
    assert counts is confusion
    assert names == list(report.class_names)


def test_a_perfect_classifier_makes_no_mistake(report):
    right = dataclasses.replace(
        report, pictures={"confusion": np.eye(5, dtype=int)}
    )
    section = classes.confusion_section(right, lambda *_: Markup(""))
    assert "There is no mistake." in section.body


def test_sections_need_their_data(report):
    bare = dataclasses.replace(report, rows=[], pictures={})
    assert classes.extremes_section(bare, ENCODER) is None
    assert classes.classes_section(bare) is None
    assert classes.confusion_section(bare, lambda *_: "") is None
