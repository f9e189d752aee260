"""A data set that TFDS wrote, through the commands as a user runs them."""

import json

from tests import processes
from tests.data import tfds_set

SMALL = ("--resolution=32", "--ch=2", "--batch_size=4", "--sample_every=2")


def run(folder, module, *flags):
    return processes.succeed(f"deepi2i_tf.{module}", *flags, cwd=folder)


def test_a_set_of_tfds_trains_goes_on_and_is_measured(tmp_path):
    version = tfds_set.write_set(
        tmp_path / "sets",
        config="small",
        splits=(("train", range(47)), ("test", range(50, 57))),
        unlabelled=("test",),
        num_shards=2,
    )
    named = ("--dataset=pets", "--data_dir=sets", "--run_dir=run")
    run(tmp_path, "train", *SMALL, *named, "--steps=2", "--verify_data")
    message = json.loads((tmp_path / "run" / "data.json").read_text())
    assert (message["dataset"], message["config"]) == ("pets", "small")
    assert message["num_examples"] == {"train": 43, "test": 4}
    # The folder itself says what it is, and that it is the same.
    folder = (f"--data_dir={version}", "--run_dir=run")
    said = run(tmp_path, "train", *SMALL, *folder, "--steps=3")
    assert "Going on from the checkpoint of step 2." in said
    run(tmp_path, "evaluate", "--run_dir=run", "--num_images=8")
    report = tmp_path / "run" / "report" / "metrics.json"
    scores = json.loads(report.read_text())
    assert 0.0 <= scores["rc"] <= 1.0
    assert scores["protocol"]["num_sources"] == 4
