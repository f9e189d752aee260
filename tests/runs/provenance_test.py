import subprocess

import tensorflow as tf

from deepi2i_tf.runs import provenance


def test_versions_name_what_numbers_depend_on():
    found = provenance.software_versions()
    assert found["tensorflow"] == tf.__version__
    assert {"python", "keras", "numpy", "git_revision"} <= found.keys()


def test_without_git_the_revision_is_unknown(monkeypatch):
    def fail(*arguments, **options):
        raise FileNotFoundError

    monkeypatch.setattr(subprocess, "run", fail)
    assert provenance.git_revision() == "unknown"
