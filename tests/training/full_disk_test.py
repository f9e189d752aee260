"""A disk that fills up at every place of a run: one sentence, nothing lost."""

import re
import shutil

from deepi2i_tf.runs.checkpoints import list_checkpoints, read_meta
from deepi2i_tf.utils.errors import UserError
from tests.training.light_run import light_config, run_light
from tests.training.run_outcome import outcome

PAGE = 4096
# Rows of some length and few checkpoints: every file grows by pages.
HABITS = {"steps": 40, "checkpoint_every": 25, "keep_checkpoints": 2}
# From the first checkpoint on; with more room the same files come again.
ROOM = range(4 * PAGE, 16 * PAGE, PAGE)


def evaluate(step, translator):
    return {"mfid": float(translator[0]), "x" * 60: float(step)}


def fill(folder, room):
    """Leaves so many bytes of a disk free; returns what takes the others."""
    ballast = folder / "ballast"
    free = shutil.disk_usage(folder).free
    ballast.write_bytes(b"." * max(0, free - room))
    return ballast


def refused_at(run, config):
    """The file for which there was no room; nothing where there was."""
    try:
        run_light(config, evaluate)
    except UserError as refusal:
        message = re.match(
            rf"Expected room on the disk to write {run}/(\S+)\. Received: no "
            r"space left on the device\. [^.]*\. Free some space and run the "
            r"same command again\.$",
            str(refusal),
        )
        assert message, refusal
        return message[1].split("-")[0]
    return ""


def test_wherever_the_disk_fills_up_nothing_is_lost(small_disk, tmp_path):
    whole = tmp_path / "whole"
    run_light(light_config(whole, **HABITS), evaluate)
    run, refused = small_disk / "run", set()
    for room in ROOM:
        run.mkdir()
        ballast = fill(small_disk, room)
        refused.add(refused_at(run, light_config(run, **HABITS)))
        found = list_checkpoints(run / "checkpoints")
        assert [read_meta(path)[1] for _, path in found] == [""] * len(found)
        for name in ("metrics.jsonl", "log.txt"):
            text = (run / name).read_text() if (run / name).exists() else ""
            assert not text or text.endswith("\n")
        ballast.unlink()
        run_light(light_config(run, **HABITS), evaluate)
        assert outcome(run) == outcome(whole)
        shutil.rmtree(run)
    assert refused >= {
        "checkpoints/step", "best.json", "metrics.jsonl", "log.txt",
        "tensorboard",
    }  # fmt: skip
