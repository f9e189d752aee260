import dataclasses

import numpy as np
import pytest

from deepi2i_tf.reporting.html.images import Encoder
from deepi2i_tf.reporting.sections import gallery
from tests.reporting import drawn_report
from tests.reporting.page_parts import pixels, report_parts

ENCODER = Encoder()
SECTIONS = ("grid", "truth", "poses", "random", "strips", "neighbours")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return drawn_report.read(tmp_path_factory.mktemp("drawn"))


def _with(report, **pictures):
    return dataclasses.replace(
        report, pictures=dict(report.pictures, **pictures)
    )


def _flat(*shape, side=8):
    """Pictures of one grey each, which counts up."""
    greys = np.arange(np.prod(shape)).reshape(*shape, 1, 1, 1) % 256
    return np.broadcast_to(greys, (*shape, side, side, 3)).astype(np.uint8)


def _greys(parts):
    return [int(pixels(image)[0, 0, 0]) for image in parts.images]


def _parts(name, report):
    section = getattr(gallery, name)(report, ENCODER)
    return report_parts(**{name: section})


def test_grid_has_targets_down_and_sources_across(report):
    grid = _with(report, grid=_flat(5, 3), sources=_flat(3) + 200)
    parts = _parts("grid", grid)
    head, *rows = parts.tables[0]
    assert [cell.strip() for cell in head] == ["source", "tiger"] + (
        ["rabbit", "panda"]
    )
    assert [row[0].strip() for row in rows] == drawn_report.class_names(5)
    assert _greys(parts) == [200, 201, 202, *range(15)]
    assert parts.images[3]["alt"] == "tiger as tiger"
    assert parts.images[-1]["alt"] == "panda as hound"
    assert "Shown" not in parts.text


def test_a_large_grid_is_thinned_and_says_so(report):
    names = {f"c{n}": {"rc": 0.5} for n in range(60)}
    large = _with(report, grid=_flat(60, 20), grid_targets=np.arange(60))
    large = dataclasses.replace(large, metrics={"per_class": names})
    parts = _parts("grid", large)
    rows = parts.tables[0][1:]
    assert len(rows) == 24
    assert (rows[0][0].strip(), rows[-1][0].strip()) == ("c0", "c59")
    assert "Shown: 24 of 60 targets" in parts.text
    assert "Shown: 12 of 20 sources" in parts.text


def test_a_source_of_no_known_class_is_numbered(report):
    unknown = _with(report, source_labels=np.array([-1, 0, -1]))
    head = _parts("grid", unknown).tables[0][0]
    assert [cell.strip() for cell in head[1:]] == ["#1", "tiger", "#3"]


def test_a_grid_without_sources_has_heads_all_the_same(report):
    pictures = {k: report.pictures[k] for k in ("grid", "grid_targets")}
    bare = dataclasses.replace(report, pictures=pictures)
    head = _parts("grid", bare).tables[0][0]
    assert head == ["source", "#1", "#2", "#3"]


def test_source_translation_and_truth_stand_side_by_side(report):
    known = np.ones((5, 3), bool)
    known[4, 1] = False
    pictures = {"sources": _flat(3) + 200, "truth_known": known}
    pictures |= {"grid": _flat(5, 3), "truth": _flat(5, 3) + 100}
    parts = _parts("truth", _with(report, **pictures))
    groups = np.reshape(_greys(parts), (-1, 3))
    # 15 places less the sources' own three classes and the unknown one.
    assert len(groups) == 11
    assert {*map(tuple, groups[:, 1:] - [0, 100])} == {
        (n, n) for n in range(15) if n not in (0, 4, 8, 13)
    }
    assert (groups[:, 0] == 200 + groups[:, 1] % 3).all()
    # The sources take turns.
    assert len({*groups[:3, 0]}) == 3
    alts = [image["alt"] for image in parts.images[:3]]
    assert alts == ["source: tiger", "as rabbit", "right rabbit"]
    nothing = _with(report, truth_known=np.zeros((5, 3), bool))
    assert gallery.truth(nothing, ENCODER) is None


def test_poses_lie_over_their_pictures(report):
    posed = np.array([[0.1, -0.2, 1.0, 0.0, 0.5]] * 3, np.float32)
    shown = _with(
        report,
        source_poses=posed,
        grid_poses=np.stack([posed + 0.1] * 5),
    )
    parts = _parts("poses", shown)
    assert len(parts.charts) == len(parts.images) == 3 + 5 * 3
    section = gallery.poses(shown, ENCODER)
    of_source, of_picture = section["rows"][0].pictures[0].axes
    assert section["sources"][0][1].axes == (of_source,)
    assert (of_source.mark, of_picture.mark) == ("of-source", "of-picture")
    assert of_picture.x == pytest.approx(0.7)


@pytest.mark.parametrize(
    "roll, up, nose",
    [
        (0.0, (0.6, 0.07), (0.6 + 0.23 * np.sin(0.5), 0.3)),
        (np.pi / 2, (0.83, 0.3), (0.6, 0.3 + 0.23 * np.sin(0.5))),
    ],
)
def test_axes_turn_clockwise_and_the_nose_points_right(roll, up, nose):
    made = gallery.axes(np.array([0.1, -0.2, 1.0, roll, 0.5]), "of-source")
    assert (made.x, made.y, made.radius) == (0.6, 0.3, 0.23)
    np.testing.assert_allclose(made.up, up, atol=1e-4)
    np.testing.assert_allclose(made.nose, nose, atol=1e-4)


def test_without_poses_there_is_no_section(report):
    kept = {k: v for k, v in report.pictures.items() if "poses" not in k}
    bare = dataclasses.replace(report, pictures=kept)
    assert gallery.poses(bare, ENCODER) is None


def test_random_samples_bear_their_targets(report):
    parts = _parts("random", report)
    targets = [report.class_name(t) for t in report.pictures["random_targets"]]
    assert [image["alt"] for image in parts.images] == [
        f"translation into {name}" for name in targets
    ]


def test_strips_are_named_after_their_ends(report):
    parts = _parts("strips", report)
    classes, z = parts.tables
    assert [row[0].strip() for row in classes] == [
        "tiger to tiger",
        "rabbit to rabbit",
    ]
    assert [row[0].strip() for row in z] == ["tiger", "rabbit"]
    assert len(parts.images) == 2 * 2 * 3
    assert parts.images[2]["alt"] == "step 3 of 3"


def test_nearest_training_images_come_closest_first(report):
    near = _with(
        report,
        nearest_query=_flat(2),
        nearest_found=_flat(2, 3) + 10,
        nearest_distance=np.array([[4.0, 5.0, 6.0], [1.0, 2.0, 3.25]]),
    )
    parts = _parts("neighbours", near)
    assert _greys(parts) == [1, 13, 14, 15, 0, 10, 11, 12]
    assert "Of 2 translations that were compared, none is" in parts.text
    assert parts.text.index("3.25") < parts.text.index("4.00")


def test_copies_are_counted(report):
    found = np.repeat(_flat(2)[:, None], 3, axis=1)
    found[1] += 1
    copied = _with(report, nearest_query=_flat(2), nearest_found=found)
    parts = _parts("neighbours", copied)
    assert "1 repeat a training image pixel for pixel" in parts.text


@pytest.mark.parametrize("section", SECTIONS)
def test_without_pictures_there_is_no_section(report, section):
    bare = dataclasses.replace(report, pictures={})
    assert getattr(gallery, section)(bare, ENCODER) is None


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_a_class_is_called_becomes_markup(tmp_path, section):
    names = [f"<i>{n}</i> & \"'" for n in range(5)]
    report = drawn_report.read(tmp_path, names=names)
    parts = _parts(section, report)
    if section != "neighbours":
        assert names[0] in parts.text.replace("\n", "")
