"""Every key of `metrics.json`, in one place.

A key is written where its metric applies and is absent otherwise.
"""

RC = "rc"
RC_CHANGED = "rc_changed"
RC_REAL = "rc_real"
POSE_R2 = "pose_r2"
POSE_R2_TO_READING = "pose_r2_to_reading"
POSE_R2_REAL = "pose_r2_real"
PER_CLASS = "per_class"
PROTOCOL = "protocol"
