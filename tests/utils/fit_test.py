"""Tests of deepi2i_tf/utils/fit.py."""

import json

import pytest

from deepi2i_tf.utils.fit import Fit

GREEN = Fit("pad", (0, 128, 0))


def test_the_default_is_told_by_nothing():
    assert Fit().to_dict() == {} and Fit().name == ""
    assert Fit.from_dict({"other": 1}) == Fit()


@pytest.mark.parametrize("fit", [Fit("pad"), Fit("squash"), GREEN])
def test_json_gives_it_back(fit):
    facts = {"other": 1} | json.loads(json.dumps(fit.to_dict()))
    assert Fit.from_dict(facts) == fit


def test_names_differ_where_pictures_do():
    names = [fit.name for fit in (Fit("pad"), Fit("squash"), GREEN)]
    assert names == ["pad", "squash", "pad-008000"]


def test_an_unknown_way_is_an_error():
    with pytest.raises(ValueError, match="crop, pad, squash. Received: 'fill'"):
        Fit.from_dict({"fit": {"way": "fill"}})
