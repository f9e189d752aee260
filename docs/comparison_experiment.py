"""Table 1 of the paper in small, where the right answers are known.

DeepI2I with and without the losses that keep the pose, StarGAN, SDIT and DMIT
are trained from nothing on the same sets, and measured by the same judges:

    python docs/comparison_experiment.py --work=comparison --jobs=2

    creatures-24     24 species of Creatures with 20 images each, measured on
                     7,200 others
    creatures-149    149 species with 90 images each
    glyphs           A to Z in the fonts of the machine, or of the folder
                     that --fonts names (extra glyphs)

All at 32 px with ch 16 and batches of 16. Every model is trained until it has
seen as many real images as the others (--images); a critic that takes five
updates for one of the generator sees five batches in a step, so that its
generator takes a fifth as many steps. The rest is each paper's or release's
own: rates, Adam, weights of the losses, critic updates; StarGAN's, SDIT's and
DMIT's rates fall over the second half. Weights are averaged with one decay.

Everything is made by the project's own commands, so whatever is interrupted
goes on with the same command. With --jobs=2 two runs go side by side, a core
each. Written to the folder of each set in --work: results.md, mean and
standard deviation over seeds; results.json; of the first seed comparison.html
and sheet.png, the same sources by all models beside the right answers. What
the commands say is in a .log beside each run directory.
"""

import argparse
import dataclasses
import os

import matplotlib.pyplot as plt
import numpy as np
from experiment import (
    POSE,
    QUALITY,
    evaluated,
    run,
    side_by_side,
    threads_of,
    write,
)

BATCH = 16
COMMON = (
    f"--resolution=32 --ch=16 --batch_size={BATCH} --noflip"
    " --average_decay=0.99 --checkpoint_every=500 --sample_every=500"
)
# Light weights of reconstruction, and r1 where there are few images.
DEEPI2I = (
    "--injection_weights=1,1,1,1 --reconstruction_weights=1,1,1,1 --r1=1.0"
    " --generator_lr=2e-4 --encoder_lr=2e-4 --adaptor_lr=2e-4"
    " --discriminator_lr=4e-4"
)
RELEASED = (
    "--generator_lr=1e-4 --discriminator_lr=1e-4 --beta_1=0.5 --epsilon=1e-8"
)


@dataclasses.dataclass(frozen=True)
class Rival:
    """One column of the sheet, one row of the table.

    Args:
        flags: of its training, beside `COMMON`.
        rounds: batches of real images that a step sees.
        decays: whether the rate falls over the second half.
    """

    flags: str
    rounds: int = 1
    decays: bool = False

    def length(self, images: int) -> list[str]:
        """The flags that end the training after so many real images."""
        steps = images // (BATCH * self.rounds)
        decay = [f"--decay_steps={steps // 2}"] if self.decays else []
        return [f"--steps={steps}", *decay]


RIVALS = {
    "DeepI2I": Rival(DEEPI2I),
    "DeepI2I, pose": Rival(
        f"{DEEPI2I} --equivariance=1 --identity=5 --pose_ramp=300,500"
    ),
    "StarGAN": Rival(
        f"--model=stargan --discriminator_steps=5 {RELEASED}", 5, True
    ),
    "SDIT": Rival(
        f"--model=sdit --dim_z=8 --discriminator_steps=5 {RELEASED}", 5, True
    ),
    "DMIT": Rival(f"--model=dmit --dim_z=8 {RELEASED}", 1, True),
}


@dataclasses.dataclass(frozen=True)
class Data:
    """What the rivals are trained on and measured with.

    Args:
        dataset: its name.
        training: the prepared set, and the flags that make it.
        judging: the same of what is measured with; None for the former.
        sources: of an evaluation.
    """

    dataset: str
    training: tuple[str, str]
    judging: tuple[str, str] | None = None
    sources: int = 260


SETS = {
    "creatures-24": Data(
        "creatures",
        (
            "r32_c24_n528_s1_f100",
            "--first_class=100 --num_classes=24 --num_images=528 --seed=1",
        ),
        (
            "r32_c24_n7200_s2_f100_paired",
            "--first_class=100 --num_classes=24 --num_images=7200 --seed=2"
            " --paired_test",
        ),
        240,
    ),
    "creatures-149": Data(
        "creatures",
        (
            "r32_c149_n14900_s0_paired",
            "--num_classes=149 --num_images=14900 --paired_test",
        ),
        sources=149,
    ),
    "glyphs": Data("glyphs", ("r32", "")),
}
TRUTH = {
    f"{share}, {distance}": ("truth", distance, share)
    for share in ("kept", "gained")
    for distance in ("pixels", "ssim", "features")
}
COLUMNS = {**QUALITY, **TRUTH, **POSE}
SHEET_ROWS = 8


class Comparison:
    """The runs on one set.

    Args:
        work: the folder of all sets.
        which: of `SETS`.
        images: real images that each training sees.
        threads: of an operation; 0 for every core's.
    """

    def __init__(
        self, work: str, which: str, images: int, threads: int
    ) -> None:
        self._data, self._images, self._threads = SETS[which], images, threads
        self._prepared = os.path.join(work, "data")
        self.folder = os.path.join(work, which)
        self._judge = os.path.join(self.folder, "judge")

    def prepare(self, fonts: str) -> None:
        """Draws the images, glyphs from a folder of fonts unless it is ""."""
        for _, flags in filter(None, (self._data.training, self._data.judging)):
            arguments = [f"--dataset={self._data.dataset}", "--resolution=32"]
            arguments += [f"--data_dir={self._prepared}", *flags.split()]
            if fonts and self._data.dataset == "glyphs":
                arguments.append(f"--manual_dir={fonts}")
            run("data_prep.prepare", arguments, f"{self._prepared}.log")

    def finish(self, rival: str, seed: int) -> tuple[str, dict]:
        """Trains and measures one run: its folder and its `metrics.json`."""
        name = rival.lower().replace(",", "").replace(" ", "_")
        run_dir = os.path.join(self.folder, f"{name}-{seed}")
        flags = [*COMMON.split(), *RIVALS[rival].flags.split()]
        flags += RIVALS[rival].length(self._images)
        flags += [f"--dataset={self._data.dataset}", f"--seed={seed}"]
        flags += [f"--data_dir={self._prepared}", f"--run_dir={run_dir}"]
        flags.append(f"--data_config={self._data.training[0]}")
        run("deepi2i_tf.train", flags, f"{run_dir}.log", self._threads)
        judging, _ = self._data.judging or self._data.training
        folder = f"{self._prepared}/{self._data.dataset}/{judging}/1.0.0"
        return run_dir, evaluated(
            run_dir,
            os.path.join(run_dir, "report"),
            self._judge,
            [f"--data_dir={folder}", f"--num_images={self._data.sources}"],
            self._threads,
        )


def draw_sheet(run_dirs: dict[str, str], path: str) -> None:
    """Sources, each in another class by every rival, and the right answers.

    Args:
        run_dirs: an evaluated run of each rival, of the same sources.
        path: of the PNG.
    """
    pictures = {}
    for rival, run_dir in run_dirs.items():
        with np.load(os.path.join(run_dir, "report/pictures.npz")) as found:
            pictures[rival] = dict(found)
    first = next(iter(pictures.values()))
    another = first["grid_targets"][:, None] != first["source_labels"]
    known = first["truth_known"] & another
    rows = range(min(SHEET_ROWS, len(first["sources"])))
    # A target further on for each source, where its answer is known.
    targets = [
        next(t for t in np.roll(np.arange(len(known)), -5 * s) if known[t, s])
        for s in rows
    ]
    columns = {
        "source": first["sources"],
        **{
            rival: [found["grid"][t, s] for s, t in enumerate(targets)]
            for rival, found in pictures.items()
        },
        "right answer": [first["truth"][t, s] for s, t in enumerate(targets)],
    }
    figure, panels = plt.subplots(
        len(rows), len(columns), figsize=(1.2 * len(columns), 1.2 * len(rows))
    )
    for column, (title, images) in enumerate(columns.items()):
        panels[0, column].set_title(title, fontsize=8)
        for row in rows:
            panels[row, column].imshow(images[row], interpolation="nearest")
            panels[row, column].axis("off")
    figure.tight_layout(pad=0.3)
    figure.savefig(path, dpi=100)
    plt.close(figure)


def main() -> None:
    """Runs what is left of the experiment and writes its results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", default="comparison", help="its folder")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--set", choices=SETS, help="only this one")
    parser.add_argument("--fonts", default="", help="folder of the glyphs")
    parser.add_argument("--images", type=int, default=16000, help="seen")
    parser.add_argument("--jobs", type=int, default=1, help="side by side")
    given = parser.parse_args()
    comparisons = {
        which: Comparison(
            given.work, which, given.images, threads_of(given.jobs)
        )
        for which in ([given.set] if given.set else SETS)
    }
    for comparison in comparisons.values():
        comparison.prepare(given.fonts)
    results = {which: {rival: [] for rival in RIVALS} for which in comparisons}
    first = {which: {} for which in comparisons}
    tasks = [
        (which, rival, seed)
        for seed in range(given.seeds)
        for which in comparisons
        for rival in RIVALS
    ]

    def finish(task: tuple[str, str, int]) -> tuple[str, dict]:
        which, rival, seed = task
        return comparisons[which].finish(rival, seed)

    for (which, rival, seed), (run_dir, metrics) in side_by_side(
        finish, tasks, given.jobs
    ):
        folder = comparisons[which].folder
        results[which][rival].append(metrics)
        write(folder, results[which], COLUMNS)
        if seed == 0:
            first[which][rival] = run_dir
            draw_sheet(first[which], f"{folder}/sheet.png")
            if len(first[which]) == len(RIVALS):
                _compare(first[which], folder)


def _compare(run_dirs: dict[str, str], folder: str) -> None:
    flags = [f"--compare={','.join(run_dirs.values())}"]
    flags.append(f"--output={folder}")
    run("deepi2i_tf.evaluate", flags, f"{folder}/comparison.log")


if __name__ == "__main__":
    main()
