"""A report's files, drawn: Creatures as they would be translated well.

Translations are the target species in the source's pose, turned a little
wrong; the numbers are made up. Nothing here was measured.
"""

import csv
import dataclasses
import json
import os

import numpy as np

from data_prep.creatures.drawing import draw, sample_scene
from data_prep.creatures.species import SPECIES
from deepi2i_tf.reporting.report_data import ReportData, read_report
from tests.reporting.drawn_log import log_rows

CONFIG = {
    "data": {"dataset": "creatures", "data_dir": "data"},
    "network": {"resolution": 64, "ch": 16},
    "optimizer": {"generator_lr": 2e-4, "discriminator_lr": 4e-4},
    "training": {"steps": 7000, "batch_size": 16, "seed": 0},
}
FLAGS = "--dataset=creatures\n--ch=16\n--steps=7000\n--name=<b>\n"
PROTOCOL = {
    "data": "data/creatures/r64_c16_n16000_s0/1.0.0",
    "split": "test",
    "num_sources": 800,
    "num_targets": 16,
    "num_translations": 12800,
    "z": "one per translation, standard normal",
    "seed": 0,
    "reals": "the test split, 50 per class",
    "features": "domain",
    "features_sha256": "5f0c" * 16,
    "judge": "4c1d2e9ab03f",
    "judge_recipe": {"version": 1, "widths": [16, 32, 64], "noise": 0.05},
    "run_dir": "runs/00007-creatures",
    "step": 7000,
    "weights": "averaged",
}


@dataclasses.dataclass(frozen=True)
class Size:
    """How large a drawn report is."""

    classes: int = 16
    side: int = 64
    sources: int = 8
    targets: int = 16
    samples: int = 32
    strips: int = 4
    steps: int = 7
    queries: int = 6
    rows: int = 350


SMALL = Size(5, 32, 3, 5, 6, 2, 3, 2, 30)


def write_report(
    output, run_dir=None, size: Size = Size(), changes=None, **files
) -> None:
    """Writes a report's folder, and a run directory where one is named.

    `changes` replace keys of metrics.json; `files` may replace `names` and
    `config`.
    """
    names = files.get("names") or class_names(size.classes)
    rows = per_class(names)
    os.makedirs(output, exist_ok=True)
    values = metrics(names, rows) | (changes or {})
    _json(output, "metrics.json", values)
    with open(os.path.join(output, "per_class.csv"), "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    np.savez(os.path.join(output, "pictures.npz"), **pictures(size))
    if run_dir:
        os.makedirs(run_dir, exist_ok=True)
        _json(run_dir, "config.json", files.get("config") or CONFIG)
        _text(run_dir, "flags.cfg", FLAGS)
        lines = map(json.dumps, log_rows(size.rows, files.get("seed", 0)))
        _text(run_dir, "metrics.jsonl", "\n".join(lines) + "\n")


def read(folder, size: Size = SMALL, **files) -> ReportData:
    """A drawn report with a run behind it, written and read back."""
    run_dir = os.path.join(folder, "00007-drawn")
    output = os.path.join(run_dir, "report")
    write_report(output, run_dir, size, **files)
    return read_report(output, run_dir)


def class_names(count: int) -> list[str]:
    names = [kind.name for kind in SPECIES[:count]]
    return names + [f"species_{n}" for n in range(len(names), count)]


def creature(label: int, index: int, side: int, turn: float = 0.0):
    pose, background = sample_scene(0, index)
    pose = dataclasses.replace(pose, roll=pose.roll * (1 - turn))
    return draw(SPECIES[label % len(SPECIES)], pose, background, side)


def per_class(names) -> list[dict]:
    random = np.random.default_rng(1)
    rows = []
    for name in names:
        rc = float(np.round(1 - random.exponential(0.02), 4))
        fid = 12 + 300 * (1 - rc) + random.uniform(0, 6)
        rows.append(
            {
                "class": name,
                "rc": max(rc, 0.0),
                "rc_real": min(1.0, float(random.uniform(0.99, 1.005))),
                "fid": fid,
                "kid_x100": fid / 20,
                "num_translations": 800,
                "num_reals": 100,
                "fc": float(random.uniform(0.85, 0.99)),
            }
        )
    return rows


def metrics(names, rows) -> dict:
    means = {
        key: float(np.mean([row[key] for row in rows]))
        for key in ("rc", "rc_real", "fid", "kid_x100", "fc")
    }
    return {
        "rc": means["rc"],
        "rc_changed": means["rc"] - 0.004,
        "rc_real": means["rc_real"],
        "fc": means["fc"],
        "mfid": means["fid"],
        "mkid_x100": means["kid_x100"],
        "features": "domain",
        "diversity": {"translations": 3.184, "reals": 7.766, "share": 0.41},
        "truth": {
            "pixels": {"kept": 0.512, "gained": 0.401},
            "ssim": {"kept": 0.498, "gained": 0.387},
            "features": {"kept": 0.643, "gained": 0.612},
        },
        "pose_r2": {"x": 0.967, "y": 0.958, "roll": 0.215, "yaw": -0.052},
        "pose_r2_real": {"x": 0.989, "y": 0.989, "roll": 0.92, "yaw": 0.911},
        "per_class": {
            row["class"]: {"rc": row["rc"], "fid": row["fid"]} for row in rows
        },
        "protocol": PROTOCOL,
    }


def pictures(size: Size) -> dict[str, np.ndarray]:
    labels = np.arange(size.sources) % size.classes
    targets = np.linspace(0, size.classes - 1, size.targets).round()
    random = np.arange(size.samples) * 7 % size.classes
    scenes = enumerate(labels)
    return {
        "sources": _stack(creature(c, i, size.side) for i, c in scenes),
        "source_labels": labels,
        "grid": _stack(_row(int(target), size) for target in targets),
        "grid_targets": targets.astype(np.int64),
        "truth": _stack(_row(int(target), size, 0.0) for target in targets),
        "truth_known": np.ones((size.targets, size.sources), bool),
        "source_poses": _poses(size),
        "grid_poses": np.stack([_poses(size, 0.6)] * size.targets),
        "random": _stack(
            creature(t, 100 + i, size.side, 0.5) for i, t in enumerate(random)
        ),
        "random_targets": random,
        "confusion": confusion(size.classes),
        **_strips(size),
        **_neighbours(size),
    }


def _poses(size: Size, turn: float = 0.0) -> np.ndarray:
    """Of the sources, or of their translations; `_row` draws them so."""
    scenes = (sample_scene(0, index)[0] for index in range(size.sources))
    return _stack(
        dataclasses.replace(pose, roll=pose.roll * (1 - turn)).to_array()
        for pose in scenes
    )


def _row(target: int, size: Size, turn: float = 0.6) -> np.ndarray:
    indices = range(size.sources)
    return _stack(creature(target, i, size.side, turn) for i in indices)


def _strips(size: Size) -> dict[str, np.ndarray]:
    strips, parts = range(size.strips), np.linspace(0, 1, size.steps)
    pairs = [(k, (k + 5) % size.classes) for k in strips]
    return {
        "class_strips": _stack(_fade(a, b, 40 + a, size) for a, b in pairs),
        "class_strip_targets": np.array(pairs),
        "z_strips": _stack(
            _stack(creature(k, 60, size.side, part) for part in parts)
            for k in strips
        ),
        "z_strip_targets": np.arange(size.strips),
    }


def _neighbours(size: Size) -> dict[str, np.ndarray]:
    queries, side = range(size.queries), size.side
    first = 1.0 + np.arange(size.queries) % 4
    return {
        "nearest_query": _stack(
            creature(q, 500 + 9 * q, side, 0.3) for q in queries
        ),
        "nearest_found": _stack(
            _stack(creature(q, 500 + 9 * q + n, side) for n in range(3))
            for q in queries
        ),
        "nearest_distance": first[:, None] + np.arange(3) * 0.31,
    }


def confusion(classes: int) -> np.ndarray:
    """Obeys mostly; a family of four is mixed up, and one class attracts."""
    random = np.random.default_rng(2)
    counts = random.poisson(0.4, (classes, classes))
    counts[:, classes // 3] += random.poisson(4, classes)
    counts[-4:, -4:] += random.poisson(30, (4, 4))
    np.fill_diagonal(counts, 0)
    np.fill_diagonal(counts, 800 - counts.sum(axis=1))
    return counts.astype(np.int64)


def _fade(a: int, b: int, index: int, size: Size) -> np.ndarray:
    first, last = (
        creature(c, index, size.side).astype(np.float32) for c in (a, b)
    )
    parts = np.linspace(0, 1, size.steps, dtype=np.float32)
    return np.rint(_stack(first + (last - first) * p for p in parts)).astype(
        np.uint8
    )


def _stack(images) -> np.ndarray:
    return np.stack(list(images))


def _json(folder, name, values) -> None:
    _text(folder, name, json.dumps(values, indent=2))


def _text(folder, name, text) -> None:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)
