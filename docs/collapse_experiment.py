"""Provoked collapses: when are they told, and what does a rollback save?

Small runs on Creatures (8 species, 32 px, ch 8, 1,000 steps) are trained until
step 600; from there each goes on undisturbed, or with the generator's learning
rate times 25 or the discriminator's times 10, with `--on_collapse=warn` and
with `--on_collapse=rollback`.

    python docs/collapse_experiment.py --work=collapse --seeds=3

What judges a collapse is not the monitor: it begins at the first checkpoint
whose RC, or R^2 of x, is below half of the best so far, or whose mFID is above
twice the least, by `evaluate --step=`. (A generator that draws one picture of a
class whatever the source may have the best RC and mFID.) Whatever is
interrupted goes on with the same command. Written to --work: results.md and
results.json.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split
from deepi2i_tf import config as configs
from deepi2i_tf.runs.checkpoints import list_checkpoints
from deepi2i_tf.runs.layout import STATE
from deepi2i_tf.training import trainer

PROVOKED_AT, STEPS, EVERY = 600, 1000, 100
COLLAPSE = 3
# The optimizer whose rate is multiplied, and by what.
KINDS = {
    "undisturbed": ("generator", 1.0),
    "generator x 25": ("generator", 25.0),
    "discriminator x 10": ("discriminator", 10.0),
}
CREATURES = "--num_classes=8 --num_images=4000 --resolution=32 --seed=0"


def configuration(
    work: str, run_dir: str, seed: int, steps: int, on_collapse: str
) -> configs.Config:
    """One run: that of flags/demo.cfg, half as wide and with half the batch."""
    return configs.Config(
        data=configs.DataConfig(
            dataset="creatures", data_dir=f"{work}/data", flip=False
        ),
        network=configs.NetworkConfig(
            resolution=32, ch=8, injection_weights=(1.0, 1.0, 1.0, 1.0)
        ),
        objective=configs.ObjectiveConfig(
            reconstruction_weights=(1.0, 1.0, 1.0, 1.0)
        ),
        optimizer=configs.OptimizerConfig(
            generator_lr=2e-4,
            encoder_lr=2e-4,
            adaptor_lr=2e-4,
            average_decay=0.99,
        ),
        training=configs.TrainingConfig(
            steps=steps,
            batch_size=16,
            seed=seed,
            run_dir=run_dir,
            checkpoint_every=EVERY,
            keep_checkpoints=STEPS // EVERY,
            evaluate_every=PROVOKED_AT,
            sample_every=0,
            log_every=10,
            best_metric="none",
        ),
        monitor=configs.MonitorConfig(
            on_collapse=on_collapse, monitor_every=50, rollback_margin=100
        ),
    )


def train(config: configs.Config, kind: str) -> None:
    """Trains in this process, and multiplies a rate after step 600, once."""
    network, factor = KINDS[kind]
    built = []

    def build_model(*others):
        built.append(make_model(*others))
        return built[0]

    def provoke(step, averaged):
        del averaged
        model = built[0]
        if step == PROVOKED_AT and not model.skipped:
            optimizer = model.optimizers[network]
            rate = getattr(model.config.optimizer, f"{network}_lr")
            optimizer.learning_rate = factor * rate
        return {}

    make_model, trainer.build_model = trainer.build_model, build_model
    trainer.train(config, evaluate=provoke)


class Experiment:
    """The runs of the experiment in one folder."""

    def __init__(self, work: str) -> None:
        self._work = work

    def prepare(self) -> None:
        """Draws the images."""
        os.makedirs(self._work, exist_ok=True)
        arguments = ["--dataset=creatures", f"--data_dir={self._work}/data"]
        self._call("-m", "data_prep.prepare", *arguments, *CREATURES.split())

    def run(self, kind: str, seed: int, on_collapse: str) -> str:
        """Trains one run, from where the healthy one of its seed stands."""
        base = os.path.join(self._work, f"base-{seed}")
        if not os.path.exists(f"{base}/DONE.json"):
            self._train(base, seed, PROVOKED_AT - 1, "undisturbed", "warn")
        name = f"{kind}-{seed}-{on_collapse}".replace(" ", "_")
        run_dir = os.path.join(self._work, name)
        if not os.path.exists(run_dir):
            shutil.copytree(base, f"{run_dir}.part", dirs_exist_ok=True)
            os.rename(f"{run_dir}.part", run_dir)
        self._train(run_dir, seed, STEPS, kind, on_collapse)
        return run_dir

    def judge(self, run_dir: str, step: int) -> dict:
        """RC, mFID and R^2 of x of a checkpoint, measured once."""
        output = os.path.join(run_dir, f"report-{step}")
        path = os.path.join(output, "metrics.json")
        if not os.path.exists(path):
            self._call(
                "-m", "deepi2i_tf.evaluate", f"--run_dir={run_dir}",
                f"--output={output}", f"--judge_dir={self._work}/judge",
                f"--step={step}", "--num_images=128", "--nofc",
                "--diversity_sources=0", "--reals_per_class=100",
            )  # fmt: skip
        with open(path, encoding="utf-8") as file:
            metrics = json.load(file)
        x = metrics["pose_r2"]["x"]
        return {"rc": metrics["rc"], "mfid": metrics["mfid"], "x": x}

    def judged(self, run_dir: str) -> dict[int, dict]:
        """The judge's numbers of all checkpoints from step 300 on."""
        found = list_checkpoints(pathlib.Path(run_dir, "checkpoints"))
        steps = [s for s, _ in found if s % EVERY == 0 and s >= 300]
        return {step: self.judge(run_dir, step) for step in steps}

    def _train(self, run_dir: str, seed: int, steps: int, *how: str) -> None:
        kind, on_collapse = how
        self._call(
            __file__, f"--work={self._work}", f"--one={run_dir}",
            f"--seed={seed}", f"--steps={steps}", f"--kind={kind}",
            f"--on_collapse={on_collapse}",
        )  # fmt: skip

    def _call(self, *arguments: str) -> None:
        print("$ python", *arguments, flush=True)
        with open(f"{self._work}/log.txt", "a", encoding="utf-8") as file:
            subprocess.run(
                [sys.executable, *arguments],
                check=True,
                stdout=file,
                stderr=subprocess.STDOUT,
            )


def onset(judged: dict[int, dict]) -> int | None:
    """The first step of a collapse by the judge; None where there is none."""
    best = {"rc": 0.0, "x": 0.0}
    mfid = float("inf")
    for step, metrics in sorted(judged.items()):
        if any(metrics[name] < most / 2 for name, most in best.items()):
            return step
        if metrics["mfid"] > 2 * mfid:
            return step
        best = {name: max(most, metrics[name]) for name, most in best.items()}
        mfid = min(mfid, metrics["mfid"])
    return None


def told(run_dir: str) -> int | None:
    """The step of the first row in which the monitor saw a collapse."""
    with open(f"{run_dir}/metrics.jsonl", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row.get(STATE) == COLLAPSE:
                return row["step"]
    return None


def table(results: list[dict]) -> str:
    """The results as Markdown."""
    heads = list(results[0])
    lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
    for result in results:
        cells = (
            f"{value:.3g}" if isinstance(value, float) else str(value)
            for value in result.values()
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Runs what is left of the experiment and writes its results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", default="collapse", help="folder of it all")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first_seed", type=int, default=0)
    # Of one training, in a process of its own.
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--steps", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    parser.add_argument("--on_collapse", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        config = configuration(
            given.work, given.one, given.seed, given.steps, given.on_collapse
        )
        train(config, given.kind)
        return
    experiment = Experiment(given.work)
    experiment.prepare()
    results = []
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for kind in KINDS:
            run_dir = experiment.run(kind, seed, "warn")
            judged = experiment.judged(run_dir)
            result = {
                "kind": kind, "seed": seed, "onset": onset(judged),
                "told": told(run_dir),
            } | judged[STEPS]  # fmt: skip
            if kind != "undisturbed":
                back = experiment.run(kind, seed, "rollback")
                end = experiment.judge(back, STEPS)
                result |= {f"{k} after rollback": v for k, v in end.items()}
            results.append(result)
            _write(given.work, results)


def _write(work: str, results: list[dict]) -> None:
    heads = dict.fromkeys(key for result in results for key in result)
    whole = [{key: r.get(key, "") for key in heads} for r in results]
    with open(f"{work}/results.json", "w", encoding="utf-8") as file:
        json.dump(results, file, indent=1)
    with open(f"{work}/results.md", "w", encoding="utf-8") as file:
        file.write(table(whole))
    print(table(whole), flush=True)


if __name__ == "__main__":
    main()
