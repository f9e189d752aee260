"""Names, units, formats and meanings of the metrics in `metrics.json`."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from deepi2i_tf.metrics import names
from deepi2i_tf.reporting.text import (
    as_number,
    decimals,
    distance,
    is_number,
    percent,
)

HIGHER, LOWER = "higher", "lower"


@dataclasses.dataclass(frozen=True)
class Metric:
    """A headline number.

    Args:
        key: its key in `metrics.json`; `/` leads into a nested one.
        label: its name in the report.
        form: formats the number.
        meaning: a sentence or two.
        unit: written after the number.
        better: `"higher"`, `"lower"`, or empty where neither is.
        by_features: whether the name states the feature network.
    """

    key: str
    label: str
    form: Callable[[Any], str]
    meaning: str
    unit: str = ""
    better: str = ""
    by_features: bool = False

    def value(self, metrics: Mapping[str, Any]) -> float | None:
        """The number in a `metrics.json`, or None."""
        found: Any = metrics
        for part in self.key.split("/"):
            if not isinstance(found, Mapping):
                return None
            found = found.get(part)
        return found if is_number(found) else None

    def name(self, features: str) -> str:
        """The label, with the feature network where it matters."""
        return f"{self.label} ({features})" if self.by_features else self.label


RC = Metric(
    names.RC,
    "RC",
    percent,
    "the share of translations that a classifier, trained on real images, "
    "takes for their target class.",
    unit="%",
    better=HIGHER,
)
FC = Metric(
    names.FC,
    "FC",
    percent,
    "the accuracy, on real test images, of the same classifier trained on "
    "translations.",
    unit="%",
    better=HIGHER,
)
MFID = Metric(
    names.MFID,
    "mFID",
    distance,
    "the Frechet distance between the translations into a class and its real "
    "images, averaged over the classes. Fewer images make it larger: compare "
    "equal numbers of images only.",
    better=LOWER,
    by_features=True,
)
MKID = Metric(
    names.MKID_X100,
    "mKID x 100",
    distance,
    "the kernel distance of the same images, averaged over the classes, times "
    "100. It is unbiased, so it may fall a little below 0.",
    better=LOWER,
    by_features=True,
)
HEADLINES = (
    RC,
    Metric(
        names.RC_CHANGED,
        "RC, class changed",
        percent,
        "RC without the pairs whose target is the source's own class; a "
        "translator that copies has 0 here.",
        unit="%",
        better=HIGHER,
    ),
    FC,
    MFID,
    MKID,
    Metric(
        f"{names.DIVERSITY}/{names.SHARE}",
        "Diversity",
        decimals,
        "how far translations of one source with different z lie apart, over "
        "how far real images of the class do. 0 says that z changes nothing; "
        "1 is not expected, since translations of one source share its pose.",
    ),
)
REAL = Metric(
    names.RC_REAL,
    "RC of real test images",
    percent,
    "the accuracy of the classifier behind RC on real test images: what a "
    "perfect translator would reach.",
    unit="%",
)
# By distance from the truth, what it is called.
TRUTH_DISTANCES = {
    names.PIXELS: "absolute error of pixels",
    names.SSIM: "1 - SSIM",
    names.FEATURES: "distance of features",
}
TRUTH_NUMBERS = {
    names.KEPT: "1 is the truth itself, 0 no nearer to it than any real image "
    "of the class.",
    names.GAINED: "1 is the truth itself, 0 no nearer to it than the source "
    "as it is; a translator that copies has 0 here.",
}
TRUTHS = tuple(
    Metric(
        f"{names.TRUTH}/{distance}/{number}",
        f"Truth {number}, {distance}",
        decimals,
        f"{what} from the known right answer: {meaning}",
        better=HIGHER,
        by_features=distance == names.FEATURES,
    )
    for distance, what in TRUTH_DISTANCES.items()
    for number, meaning in TRUTH_NUMBERS.items()
)
R2 = "R\u00b2"
# Nested by component.
POSES = {
    names.POSE_R2: f"{R2}, translations against the source's true pose",
    names.POSE_R2_TO_READING: f"{R2}, translations against the source as read",
    names.POSE_R2_REAL: f"{R2}, real images against their true pose",
    names.POSE_SLOPE: "slope of translations over the source's true pose",
}


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of the per-class table: its head and its number format."""

    label: str
    form: Callable[[Any], str]


COLUMNS: Mapping[str, Column] = {
    names.RC: Column("RC %", percent),
    names.RC_REAL: Column("RC real %", percent),
    names.FC: Column("FC %", percent),
    names.FID: Column("FID", distance),
    names.KID_X100: Column("KID x 100", distance),
    names.NUM_TRANSLATIONS: Column("translations", lambda n: f"{n:,.0f}"),
    names.NUM_REALS: Column("real images", lambda n: f"{n:,.0f}"),
    **{
        metric.key.replace("/", "_"): Column(metric.label.lower(), decimals)
        for metric in TRUTHS
    },
}


def columns_of(rows: list[dict[str, str]]) -> dict[str, Column]:
    """The columns of `per_class.csv` that hold numbers, unknown ones last."""
    found = {
        name
        for row in rows
        for name, cell in row.items()
        if name != "class" and as_number(cell) is not None
    }
    known = {name: c for name, c in COLUMNS.items() if name in found}
    others = {
        name: Column(name.replace("_", " "), distance)
        for name in sorted(found - set(known))
    }
    return known | others
