from deepi2i_tf.metrics import names


def test_every_key_stands_once():
    keys = [value for key, value in vars(names).items() if key.isupper()]
    assert len(keys) == len(set(keys))
    contract = {
        *("rc", "rc_real", "fc", "mfid", "mkid_x100", "diversity"),
        *("pose_r2", "features", "protocol"),
    }
    assert contract <= set(keys)
