"""What a run leaves, whatever happened to it on the way."""

import json

from deepi2i_tf.runs.checkpoints import read_meta
from deepi2i_tf.utils.atomic_files import read_json, sha256_of_file


def outcome(run):
    """All that must not depend on where a run was interrupted.

    Each file of each checkpoint has the same bytes, but for the one that tells
    the seconds.
    """
    return {
        "weights_sha256": read_json(run / "DONE.json")["weights_sha256"],
        "metrics.jsonl": numbers(run / "metrics.jsonl"),
        "checkpoints": {
            path.name: (read_meta(path)[0] or {}).get("files")
            for path in (run / "checkpoints").iterdir()
        },
        "samples": {
            path.name: sha256_of_file(path)
            for path in (run / "samples").glob("*")
        },
        "best.json": read_json(run / "best.json"),
    }


def numbers(metrics):
    """The rows of a `metrics.jsonl`, as text, without its speed."""
    return [
        {k: str(v) for k, v in row.items() if not k.startswith("speed/")}
        for row in map(json.loads, metrics.read_text().splitlines())
    ]
