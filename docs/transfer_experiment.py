"""The paper's central claim in small: transfer against scratch.

A BigGAN is pretrained on 100 species of Creatures; from it DeepI2I is
transferred to 24 other species with 20 images each, and trained from scratch
on the same images for the same number of steps; and the ablations. Every run
is measured against 7,200 more images of the 24 species, by one judge.

    python docs/transfer_experiment.py --work=transfer
    python docs/transfer_experiment.py --work=transfer --table=small_sets
    python docs/transfer_experiment.py --work=transfer --table=pose

The other tables ask which regularisers help where there are few images of a
class, and which losses keep the pose. --set=8x100 takes 8 of the species with
100 images each, and 2,400 more to measure against.

Everything is made by the project's own commands, so whatever is interrupted
goes on with the same command. With --jobs=2 two runs go side by side, a core
each, which takes two cores further than one run on both. Written to the
folder SET/TABLE in --work: results.md, the table; results.json; curves.png
of the first table; comparison.html of the first six. What the commands say is
in a .log beside each run directory.
"""

import argparse
import os

import matplotlib.pyplot as plt
from experiment import (
    POSE,
    QUALITY,
    evaluated,
    run,
    side_by_side,
    threads_of,
    value,
    write,
)

from deepi2i_tf.reporting.comparison import MOST_RUNS

PRETRAINING = "--num_classes=100 --num_images=20000 --seed=0"
# Classes, and images of them, a share of which is held out.
SETS = {"24x20": (24, 528), "8x100": (8, 880)}
JUDGED_PER_CLASS = 300
# What differs from flags/transfer_creatures.cfg. The discriminator starts from
# BigGAN's in all but scratch. An encoder that starts from nothing has to train.
SCRATCH = "--stage=scratch --init_from="
VARIANTS = {
    "scratch": SCRATCH,
    "transfer": "",
    "transfer, no adaptor warm-up": "--warmup_steps=0",
    "transfer, identity adaptor": "--adaptor=identity --warmup_steps=0",
    "transfer, generator from nothing": (
        "--init_networks=encoder,discriminator --warmup_steps=0"
    ),
    "transfer, encoder from nothing": (
        "--init_networks=generator,discriminator --train_encoder"
    ),
    "transfer, encoder trained": "--train_encoder",
}
AUGMENT = "--augment=translation,cutout"
TABLES = {
    "transfer": VARIANTS,
    "small_sets": {
        f"{start}{name}": f"{how} {flags}"
        for start, how in {"scratch": SCRATCH, "transfer": ""}.items()
        for name, flags in {
            "": "",
            ", augmented": AUGMENT,
            ", LeCam": "--lecam=0.1 --lecam_from=200",
            ", augmented, LeCam": f"{AUGMENT} --lecam=0.1 --lecam_from=200",
            ", ADA": f"{AUGMENT} --augment_target=0.6 --augment_kimg=8",
            ", augmented, consistency": f"{AUGMENT} --consistency=10",
            ", gSR": "--group_spectral=0.1",
        }.items()
    },
    "pose": {
        f"transfer{name}": flags
        for name, flags in {
            "": "",
            ", identity 5": "--identity=5",
            ", identity 5, equivariance 0.3": "--identity=5 --equivariance=0.3",
            ", identity 5, equivariance 1": "--identity=5 --equivariance=1",
            ", identity 5, cycle 5": "--identity=5 --cycle=5",
            ", identity 5, equivariance 0.3, encoder trained": (
                "--identity=5 --equivariance=0.3 --train_encoder"
            ),
        }.items()
    },
}
COLUMNS = {**QUALITY, **POSE}
CURVES = ("scratch", "transfer")
CURVE_STEPS = (250, 500, 750, 1000)


class Experiment:
    """The runs of the experiment in one folder.

    Args:
        work: the folder.
        which: of `SETS`.
        steps: of pretraining; 0 takes those of its flagfile.
        jobs: runs side by side.
    """

    def __init__(self, work: str, which: str, steps: int, jobs: int) -> None:
        self._work, self._which, self._steps = work, which, steps
        self._threads = threads_of(jobs)
        self._data = os.path.join(work, "data")
        self._biggan = os.path.join(work, "pretrain")
        self._judge = os.path.join(work, f"judge-{which}")

    def prepare(self) -> None:
        """Draws the three sets and pretrains the BigGAN."""
        os.makedirs(self._work, exist_ok=True)
        common = ["--dataset=creatures", "--resolution=32"]
        classes, images = SETS[self._which]
        few = f"--first_class=100 --num_classes={classes} --num_images="
        for flags in (
            PRETRAINING,
            f"{few}{images} --seed=1",
            f"{few}{JUDGED_PER_CLASS * classes} --seed=2",
        ):
            arguments = [*common, *flags.split(), f"--data_dir={self._data}"]
            run("data_prep.prepare", arguments, f"{self._data}.log")
        arguments = ["--flagfile=flags/pretrain_creatures.cfg"]
        arguments += [f"--data_dir={self._data}", f"--run_dir={self._biggan}"]
        if self._steps:
            arguments.append(f"--steps={self._steps}")
        run("deepi2i_tf.pretrain", arguments, f"{self._biggan}.log")

    def train(self, variant: str, flags: str, seed: int) -> str:
        """Trains one variant.

        Args:
            variant: its name.
            flags: what differs from the flagfile.
            seed: seed of weights, noise and order.

        Returns:
            Its run directory.
        """
        name = variant.replace(",", "").replace(" ", "_")
        run_dir = os.path.join(self._work, self._which, f"{name}-{seed}")
        classes, images = SETS[self._which]
        arguments = ["--flagfile=flags/transfer_creatures.cfg"]
        arguments.append(f"--data_config=r32_c{classes}_n{images}_s1_f100")
        arguments += [f"--data_dir={self._data}", f"--run_dir={run_dir}"]
        arguments += [f"--init_from={self._biggan}", f"--seed={seed}"]
        arguments += flags.split()
        run("deepi2i_tf.train", arguments, f"{run_dir}.log", self._threads)
        return run_dir

    def measure(self, run_dir: str, step: int = 0) -> dict:
        """Evaluates a run, once.

        Args:
            run_dir: the run directory.
            step: of the checkpoint; 0 takes the newest, with FC.

        Returns:
            The contents of `metrics.json`.
        """
        output = os.path.join(run_dir, f"report-{step}" if step else "report")
        classes, _ = SETS[self._which]
        judging = f"r32_c{classes}_n{JUDGED_PER_CLASS * classes}_s2_f100"
        flags = [f"--data_dir={self._data}/creatures/{judging}/1.0.0"]
        flags.append("--num_images=240")
        if step:
            flags += [f"--step={step}", "--nofc", "--diversity_sources=0"]
        return evaluated(run_dir, output, self._judge, flags, self._threads)


def draw(curves: dict[str, list[dict]], path: str) -> None:
    """Draws RC and mFID over steps.

    Args:
        curves: the `metrics.json` of every step of `CURVE_STEPS`, by variant.
        path: of the PNG.
    """
    figure, panels = plt.subplots(1, 3, figsize=(11, 3.2))
    shown = {"RC": "rc", "mFID (domain)": "mfid", "R^2 x": "pose_r2"}
    for panel, (title, key) in zip(panels, shown.items(), strict=True):
        keys = (key, "x") if key == "pose_r2" else (key,)
        for variant, measured in curves.items():
            values = [value(metrics, keys) for metrics in measured]
            panel.plot(CURVE_STEPS, values, marker="o", label=variant)
        panel.set_title(title)
        panel.set_xlabel("step")
        panel.grid(alpha=0.3)
        panel.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main() -> None:
    """Runs what is left of the experiment and writes its results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", default="transfer", help="folder of it all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--table", choices=TABLES, default="transfer")
    parser.add_argument("--set", choices=SETS, default="24x20")
    parser.add_argument("--pretrain_steps", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="side by side")
    given = parser.parse_args()
    experiment = Experiment(
        given.work, given.set, given.pretrain_steps, given.jobs
    )
    experiment.prepare()
    variants = TABLES[given.table]
    first = [variant for variant in CURVES if variant in variants]
    rest = [variant for variant in variants if variant not in first]
    seeds = range(given.seeds)
    tasks = [(v, seed) for seed in seeds for v in first]  # The claim first.
    tasks += [(v, seed) for seed in seeds for v in rest]
    runs: dict[str, list[str]] = {variant: [] for variant in variants}
    results: dict[str, list[dict]] = {variant: [] for variant in variants}
    output = os.path.join(given.work, given.set, given.table)
    os.makedirs(output, exist_ok=True)

    def finish(task: tuple[str, int]) -> tuple[str, dict]:
        variant, seed = task
        run_dir = experiment.train(variant, variants[variant], seed)
        return run_dir, experiment.measure(run_dir)

    for (variant, _), (run_dir, metrics) in side_by_side(
        finish, tasks, given.jobs
    ):
        runs[variant].append(run_dir)
        results[variant].append(metrics)
        write(output, results, COLUMNS)
    if given.table == "transfer":
        curves = {
            variant: [
                experiment.measure(runs[variant][0], step)
                for step in CURVE_STEPS
            ]
            for variant in CURVES
        }
        draw(curves, os.path.join(output, "curves.png"))
    compared = [run_dirs[0] for run_dirs in runs.values()][:MOST_RUNS]
    flags = [f"--compare={','.join(compared)}", f"--output={output}"]
    run("deepi2i_tf.evaluate", flags, f"{output}/comparison.log")


if __name__ == "__main__":
    main()
