"""Draws the curves of a run, for README.

python docs/curves.py runs/creatures docs/creatures_curves.png
"""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

PANELS = {
    "Losses": ("discriminator_loss", "generator_adversarial"),
    "Reconstruction": ("reconstruction",),
    "Scores of the discriminator": ("score_real", "score_fake"),
}
SMOOTHED = 25  # rows


def draw_curves(run_dir: str, output: str) -> None:
    """Plots the rows of metrics.jsonl, each a running mean of 25 rows.

    Args:
        run_dir: a run directory.
        output: path of the PNG.
    """
    lines = Path(run_dir, "metrics.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in lines]
    window = np.ones(SMOOTHED) / SMOOTHED
    figure, panels = plt.subplots(1, len(PANELS), figsize=(12, 3))
    for panel, (title, names) in zip(panels, PANELS.items(), strict=True):
        for name in names:
            found = [(r["step"], r[name]) for r in rows if name in r]
            steps, values = np.array(found).T
            smooth = np.convolve(values, window, "valid")
            panel.plot(steps[SMOOTHED - 1 :], smooth, label=name)
        panel.set_title(title)
        panel.set_xlabel("step")
        panel.legend()
        panel.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(output, dpi=100)


if __name__ == "__main__":
    draw_curves(*sys.argv[1:3])
