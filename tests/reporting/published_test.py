import re
from pathlib import Path

from deepi2i_tf.reporting.published import PUBLISHED

PAGE = Path(__file__).parents[2] / "docs" / "results.md"
TITLES = {
    "animal_faces": "Animal faces",
    "uecfood256": "Foods",
    "nabirds": "Birds",
}


def _rows_of_docs():
    """(set, method, RC, FC, mKID, mFID) of the table in docs."""
    rows, title = [], ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 6 and re.fullmatch(r"[\d.]+", cells[5]):
            title = cells[0] or title
            rows.append((title.split(" (")[0], *cells[1:]))
    return rows


def test_rows_are_those_of_the_docs():
    here = [
        (TITLES[name], r.method, r.rc, r.fc, r.mkid_x100, r.mfid)
        for name, published in PUBLISHED.items()
        for r in published.rows
    ]
    assert here == _rows_of_docs()
    assert len(here) == 12


def test_every_row_is_numbers_as_printed():
    for published in PUBLISHED.values():
        for row in published.rows:
            for number in (row.rc, row.fc, row.mkid_x100, row.mfid):
                assert re.fullmatch(r"\d+\.\d+", number)
