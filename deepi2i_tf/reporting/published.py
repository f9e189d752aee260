"""Published numbers of DeepI2I and its baselines, by data set.

Animal faces and foods: DeepI2I, arXiv 2011.05867. Birds: the course report's
own runs. Numbers keep the digits that were printed. Their mFID and mKID come
from the Inception of 2015 and do not compare with those of other feature
networks; their RC and FC come from the authors' classifiers.
"""

import dataclasses
from collections.abc import Mapping

PAPER = "DeepI2I, arXiv 2011.05867"


@dataclasses.dataclass(frozen=True)
class PublishedRow:
    """One method on one data set as printed; RC and FC in percent."""

    method: str
    rc: str
    fc: str
    mkid_x100: str
    mfid: str


@dataclasses.dataclass(frozen=True)
class PublishedSet:
    """The published rows of one data set, in printed order."""

    title: str
    source: str
    rows: tuple[PublishedRow, ...]


def _rows(text: str) -> tuple[PublishedRow, ...]:
    lines = (line.split("|") for line in text.strip().splitlines())
    return tuple(PublishedRow(*map(str.strip, cells)) for cells in lines)


PUBLISHED: Mapping[str, PublishedSet] = {
    "animal_faces": PublishedSet(
        "Animal faces (710 per class)",
        PAPER,
        _rows("""
            StarGAN         | 33.4 | 38.2 | 15.6 | 157.7
            SDIT            | 32.9 | 39.1 | 15.3 | 151.8
            DMIT            | 36.7 | 42.1 | 14.8 | 146.7
            DeepI2I scratch | 49.2 | 52.4 | 5.78 | 80.7
            DeepI2I         | 49.5 | 55.4 | 4.93 | 68.4
        """),
    ),
    "uecfood256": PublishedSet(
        "Foods (110 per class)",
        PAPER,
        _rows("""
            StarGAN         | 10.7 | 12.1 | 20.9 | 210.7
            SDIT            | 11.9 | 11.8 | 23.7 | 236.2
            DMIT            | 8.30 | 10.4 | 19.5 | 201.4
            DeepI2I scratch | 5.83 | 4.67 | 26.5 | 278.2
            DeepI2I         | 30.2 | 19.3 | 6.38 | 130.8
        """),
    ),
    "nabirds": PublishedSet(
        "Birds",
        "the course report's own runs",
        _rows("""
            DeepI2I scratch, hinge    | 3.24 | 5.84 | 30.5  | 301.7
            DeepI2I scratch, softplus | 3.57 | 5.93 | 30.71 | 301.9
        """),
    ),
}
