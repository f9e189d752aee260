import dataclasses

import pytest

from deepi2i_tf.evaluation.protocol import Facts, describe_protocol
from tests.evaluation import disc_set

OPTIONS = dataclasses.replace(
    disc_set.OPTIONS, num_images=1000, num_z=2, diversity_sources=3
)


@pytest.fixture
def facts(data, evaluation, sources):
    return Facts(
        data=data,
        config=OPTIONS,
        extractor=evaluation.extractor,
        reference_key="abc",
        sources=sources,
        num_test=48,
        num_translations=[96, 96, 96],
        num_reals=[100, 90, 100],
        without_distances=[],
        num_for_fc=288,
    )


def test_tells_both_sides_and_what_was_asked_for(facts):
    message = describe_protocol(facts)
    assert message["split"] == "test"
    assert (message["num_sources"], message["num_sources_asked"]) == (48, 1000)
    assert (message["num_z"], message["num_translations"]) == (2, 288)
    assert message["translations_per_class"] == 96
    assert message["reals_split"] == "train"
    assert message["reals_per_class"] == "90 to 100"
    assert message["features"] == "domain, 16 dimensions"
    assert "features_sha256" not in message
    assert message["diversity"].startswith("3 sources with 5 z each")
    assert "288 translations" in message["fc"]
    assert message["judge_recipe"]["version"] == 3


def test_tells_the_sum_of_inceptions_weights(facts):
    facts.extractor.sha256 = "1234"
    try:
        assert describe_protocol(facts)["features_sha256"] == "1234"
    finally:
        facts.extractor.sha256 = None


def test_says_where_sources_are_compared_with_themselves(facts):
    options = dataclasses.replace(OPTIONS, reals_split="test")
    message = describe_protocol(dataclasses.replace(facts, config=options))
    assert message["reals_split"] == "test; sources are among them"


def test_leaves_out_what_does_not_apply(facts):
    bare = dataclasses.replace(
        facts, sources=None, without_distances=[0, 1, 2], num_for_fc=0
    )
    message = describe_protocol(bare)
    assert message["without_distances"] == "amber, blue, green"
    absent = {"split", "num_sources", "num_z", "features", "diversity", "fc"}
    assert not absent & set(message)
