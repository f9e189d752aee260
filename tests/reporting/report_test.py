import dataclasses
import json
import os

import numpy as np
import pytest

from deepi2i_tf.reporting.report import write_html
from tests.repo import sources
from tests.reporting import drawn_report
from tests.reporting.drawn_report import SMALL, Size
from tests.reporting.page_parts import PageParts

EVERY_SECTION = [
    "Numbers",
    "Beside published numbers",
    "Translations",
    "Beside the right answer",
    "Random samples",
    "Interpolation",
    "Best and worst classes",
    "Nearest training images",
    "Per class",
    "Confusion",
    "Losses",
    "Sigma of the spectral norms",
    "Metrics over steps",
    "Checkpoints with a report",
    "Learning rates and speed",
    "Flagfile",
]

# Drawing takes most of the time.
FEW_CHARTS = dataclasses.replace(SMALL, rows=0)


def _titles(parts):
    """Headings of the sections, which the contents list too."""
    return [h for h in parts.headings if h in EVERY_SECTION]


def _page(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_everything_there_is_has_a_section_in_order(tmp_path):
    run, output = tmp_path / "00007-drawn", tmp_path / "00007-drawn/report"
    # 60 rows of 20 steps reach the first evaluation.
    drawn_report.write_report(output, run, dataclasses.replace(SMALL, rows=60))
    earlier = {**drawn_report.PROTOCOL, "step": 500, "weights_sha256": "1"}
    drawn_report.write_report(
        run / "report-500", None, SMALL, {"rc": 0.25, "protocol": earlier}
    )
    back = {"step": 700, "returned_to": 400, "reason": "Gap is 0.01."}
    checkpoint = run / "checkpoints" / "step-00007000"
    checkpoint.mkdir(parents=True)
    (checkpoint / "checkpoint.json").write_text(
        json.dumps({"rollbacks": {"decisions": [back]}})
    )
    path = write_html(str(output), str(run))
    assert path == str(output / "report.html")
    page = _page(path)
    parts = PageParts(page)
    assert parts.headings[0] == "Evaluation of 00007-drawn"
    assert _titles(parts) == EVERY_SECTION
    assert "creatures, 5 classes, 32 px, step 7,000, averaged" in parts.text
    assert all(
        address.startswith(("data:", "#")) for address in parts.addresses
    )
    assert all(image["alt"] for image in parts.images)
    plots = set(os.listdir(output / "plots"))
    assert {"confusion.png", "loss_discriminator.png"} <= plots
    assert "measured_metric_pose_r2.png" in plots
    told = " ".join(parts.text.split())
    assert "Rollback 1: back from step 700 to 400" in told


def test_reports_need_no_tensorflow():
    folder = sources.ROOT / "deepi2i_tf" / "reporting"
    assert not [
        sources.name_of(path)
        for path in folder.rglob("*.py")
        if sources.needs_tensorflow(path)
    ]


def test_metrics_alone_make_a_page(tmp_path):
    (tmp_path / "metrics.json").write_text(json.dumps({"rc": 0.5}))
    parts = PageParts(_page(write_html(str(tmp_path))))
    assert parts.headings[0] == f"Evaluation of {tmp_path.name}"
    assert _titles(parts) == EVERY_SECTION[:2]
    assert "50.0 %" in parts.text
    assert parts.images == []


def test_the_same_files_make_the_same_bytes(tmp_path):
    pages = []
    for _ in range(2):
        drawn_report.write_report(tmp_path / "report", tmp_path, FEW_CHARTS)
        path = write_html(str(tmp_path / "report"), str(tmp_path))
        pages.append(_page(path))
    assert pages[0] == pages[1]


def test_no_name_becomes_markup(tmp_path):
    names = [f"</script><img src=x onerror=alert({n})>&\"'$" for n in range(5)]
    config = {"data": {"dataset": "<b>"}}
    drawn_report.write_report(
        tmp_path / "report", tmp_path, FEW_CHARTS, names=names, config=config
    )
    page = _page(write_html(str(tmp_path / "report"), str(tmp_path)))
    parts = PageParts(page)
    assert "onerror" not in {key for image in parts.images for key in image}
    assert page.count("</script>") == 1
    assert "<b>" not in page
    table = next(t for t in parts.tables if t[0][:2] == ["class", "RC %"])
    assert [row[0] for row in table[1:]] == names


@pytest.mark.slow
def test_the_page_of_555_classes_stays_under_15_megabytes(tmp_path):
    size = Size(555, 256, 12, 24, 48, 8, 11, 12, 0)
    tiny = Size(555, 32, 2, 2, 2, 2, 2, 2)
    drawn_report.write_report(tmp_path, None, tiny)
    # Noise is as large as pictures become.
    random = np.random.default_rng(0)
    noise = random.integers(0, 256, (12, 256, 256, 3), np.uint8)
    shapes = {
        "grid": (size.targets, size.sources),
        "truth": (size.targets, size.sources),
        "sources": (size.sources,),
        "random": (size.samples,),
        "class_strips": (size.strips, size.steps),
        "z_strips": (size.strips, size.steps),
        "nearest_query": (size.queries,),
        "nearest_found": (size.queries, 3),
    }
    pictures = drawn_report.pictures(tiny) | {
        "source_labels": np.arange(size.sources),
        "grid_targets": np.arange(size.targets),
        "truth_known": np.ones((size.targets, size.sources), bool),
        "source_poses": np.zeros((size.sources, 5)),
        "grid_poses": np.zeros((size.targets, size.sources, 5)),
        "random_targets": np.arange(size.samples),
        "nearest_distance": np.ones((size.queries, 3)),
    }
    for name, shape in shapes.items():
        chosen = np.arange(np.prod(shape)).reshape(shape) % len(noise)
        pictures[name] = noise[chosen]
    np.savez(tmp_path / "pictures.npz", **pictures)
    path = write_html(str(tmp_path))
    assert os.path.getsize(path) < 15_000_000
    parts = PageParts(_page(path))
    assert "Pictures of 256 px are shrunk to 96 px" in parts.text
    assert len(parts.images) > 500
