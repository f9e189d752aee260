"""Does memory stay flat while training reads for an hour?

    python -m tests.benchmarks.long_read --seconds=3600 --json

Crops of photographs are prepared and streamed from disk, shuffled, paired,
flipped and scaled, at a training's pace. Private memory (RssAnon of /proc) is
noted every tenth of the time; the first tenth is for warming up. With --json
the last line is one JSON object: {"seconds", "images", "epochs",
"megabytes": [...], "growth"}, growth being the last over the first note, minus
1. Ends with 1 where it is more than --most_growth.
"""

import argparse
import json
import pathlib
import sys
import tempfile
import time

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

from tests.benchmarks import input_pipeline
from tests.benchmarks.flat_memory import private_megabytes

NOTES = 10


def read(data, batch_size: int, seconds: float, pace: float) -> dict:
    """Reads at most `pace` images per second, and notes memory."""
    batches = input_pipeline.ours(data, "stream", batch_size)
    begun, images, notes = time.perf_counter(), 0, []
    while (spent := time.perf_counter() - begun) < seconds:
        images += next(batches)
        time.sleep(max(0.0, images / pace - spent))
        if spent >= seconds / NOTES * (len(notes) + 1):
            notes.append(private_megabytes("self"))
            note = f"{spent:.0f} s, {images} images: {notes[-1]:.0f} MB"
            print(note, flush=True)
    notes.append(private_megabytes("self"))
    return {
        "seconds": round(seconds),
        "images": images,
        "epochs": images // 2 // data.num_examples["train"],
        "megabytes": [round(note, 1) for note in notes],
        "growth": round(notes[-1] / notes[0] - 1, 4),
    }


def main() -> None:
    """Prepares, reads, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--resolution", type=int, default=128)
    parser.add_argument("--batch_size", type=int, default=32)
    parser.add_argument("--per_class", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=3600.0)
    parser.add_argument("--images_per_second", type=float, default=1000.0)
    parser.add_argument("--most_growth", type=float, default=0.02)
    parser.add_argument("--json", action="store_true")
    requested = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = input_pipeline.prepare_all(
            pathlib.Path(folder),
            requested.per_class,
            requested.resolution,
            ("raw",),
        )
        result = read(
            found["raw"],
            requested.batch_size,
            requested.seconds,
            requested.images_per_second,
        )
    if requested.json:
        print(json.dumps(result))
    sys.exit(int(result["growth"] > requested.most_growth))


if __name__ == "__main__":
    main()
