"""Every key of `metrics.json`, in one place.

A key is written where its metric applies and is absent otherwise.
"""

from collections.abc import Mapping
from numbers import Real

RC = "rc"
RC_CHANGED = "rc_changed"
RC_REAL = "rc_real"
FC = "fc"
MFID = "mfid"
MKID_X100 = "mkid_x100"
DIVERSITY = "diversity"
POSE_R2 = "pose_r2"
POSE_R2_TO_READING = "pose_r2_to_reading"
POSE_R2_REAL = "pose_r2_real"
POSE_SLOPE = "pose_slope"
TRUTH = "truth"
FEATURES = "features"
PER_CLASS = "per_class"
PROTOCOL = "protocol"

# Values of `features`: the reference classifier, or Inception.
DOMAIN = "domain"
INCEPTION = "inception-2015"

# Below `diversity`: mean distances, and their quotient.
TRANSLATIONS = "translations"
REALS = "reals"
SHARE = "share"

# Below `truth`: distances, `FEATURES` among them, and below each of these.
PIXELS = "pixels"
SSIM = "ssim"
KEPT = "kept"
GAINED = "gained"

# Below `per_class`, beside RC, RC_REAL, FC, DIVERSITY and TRUTH.
FID = "fid"
KID_X100 = "kid_x100"
NUM_TRANSLATIONS = "num_translations"
NUM_REALS = "num_reals"


def flat_numbers(
    values: Mapping[str, object], prefix: str = ""
) -> dict[str, float]:
    """Nested numbers by names such as "pose_r2/x"; others are left out."""
    numbers = {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            numbers |= flat_numbers(value, f"{prefix}{name}/")
        elif isinstance(value, Real) and not isinstance(value, bool):
            numbers[f"{prefix}{name}"] = float(value)
    return numbers
