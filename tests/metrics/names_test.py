import numpy as np

from deepi2i_tf.metrics import names


def test_every_key_stands_once():
    keys = [value for key, value in vars(names).items() if key.isupper()]
    assert len(keys) == len(set(keys))
    contract = {
        *("rc", "rc_real", "fc", "mfid", "mkid_x100", "diversity"),
        *("pose_r2", "features", "protocol"),
    }
    assert contract <= set(keys)


def test_flat_numbers():
    nested = {
        "rc": np.float32(0.5),
        "pose_r2": {"x": 1},
        "features": "judge",
        "ok": True,
    }
    assert names.flat_numbers(nested, "evaluation/") == {
        "evaluation/rc": 0.5,
        "evaluation/pose_r2/x": 1.0,
    }
