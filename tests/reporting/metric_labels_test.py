from deepi2i_tf.reporting import metric_labels
from deepi2i_tf.reporting.metric_labels import HEADLINES, MFID, RC


def test_nested_numbers_are_found_and_others_are_none():
    (diversity,) = [m for m in HEADLINES if m.key.startswith("diversity")]
    assert diversity.value({"diversity": {"share": 0.41}}) == 0.41
    assert diversity.value({"diversity": 0.41}) is None
    assert RC.value({"rc": float("nan")}) is None
    assert RC.value({}) is None


def test_distances_bear_the_name_of_their_features():
    assert MFID.name("domain") == "mFID (domain)"
    assert MFID.name("inception-2015") == "mFID (inception-2015)"
    assert RC.name("domain") == "RC"


def test_columns_are_those_that_hold_numbers_known_ones_first():
    rows = [
        {"class": "a", "zeal": "3", "fid": "12.5", "rc": "", "fc": ""},
        {"class": "7", "zeal": "", "fid": "", "rc": "0.25", "fc": "nan"},
    ]
    columns = metric_labels.columns_of(rows)
    assert list(columns) == ["rc", "fid", "zeal"]
    assert columns["rc"].form(0.25) == "25.0"
    assert metric_labels.COLUMNS["num_reals"].form(1234.0) == "1,234"
