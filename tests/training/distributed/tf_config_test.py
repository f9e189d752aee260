import json

import pytest

from deepi2i_tf.training.distributed.tf_config import Cluster, read_cluster
from deepi2i_tf.utils.errors import UserError

TWO = {"worker": ["a:1", "b:2"]}


def config(cluster, kind="worker", index=0):
    task = {"type": kind, "index": index}
    return {"TF_CONFIG": json.dumps({"cluster": cluster, "task": task})}


def test_workers_by_their_place():
    assert read_cluster(config(TWO, index=1)) == Cluster(("a:1", "b:2"), 1)
    # Some schedulers write numbers as text.
    assert read_cluster(config(TWO, index="1")).index == 1


def test_a_chief_stands_before_the_workers():
    named = {"worker": ["a:1", "b:2"], "chief": ["c:3"]}
    chief = read_cluster(config(named, "chief"))
    assert chief == Cluster(("c:3", "a:1", "b:2"), 0)
    assert read_cluster(config(named, index=1)).index == 2


@pytest.mark.parametrize(
    "environment",
    [{}, {"TF_CONFIG": " "}, config({"worker": ["a:1"]}), config({})],
)
def test_one_machine_is_no_cluster(environment):
    assert read_cluster(environment) is None


@pytest.mark.parametrize(
    ("environment", "received"),
    [
        ({"TF_CONFIG": "{"}, "no JSON"),
        ({"TF_CONFIG": "[]"}, "the JSON []"),
        ({"TF_CONFIG": '{"cluster": ["a:1", "b:2"]}'}, "cluster=['a:1'"),
        ({"TF_CONFIG": json.dumps({"cluster": TWO})}, "task=None"),
        (config(TWO, index=2), "task worker 2 among 2"),
        (config(TWO, index=-1), "task="),
        (config(TWO, "chief"), "task="),
        (config({"worker": ["a:1", "a:1"]}), "named twice"),
        (config({"worker": ["a:1", "b"]}), "the address 'b'"),
        (config({"worker": "a:1"}), "worker='a:1'"),
        (config(TWO | {"ps": ["c:3"]}), "a job 'ps'"),
        (config(TWO | {"chief": ["c:3", "d:4"]}), "more than one chief"),
    ],
)
def test_what_tensorflow_would_not_understand(environment, received):
    with pytest.raises(UserError) as refusal:
        read_cluster(environment)
    assert received in str(refusal.value).partition("Received: ")[2]
    assert "unset TF_CONFIG" in str(refusal.value)
