"""The log of a run that never ran: curves as they often look."""

import numpy as np


def log_rows(count: int, seed: int = 0) -> list[dict]:
    random = np.random.default_rng(seed)
    rows = []
    for place in range(count):
        t, step = place / count, 20 * (place + 1)
        noise = random.normal(0, 1, 8)
        real, fake = 0.62 + 0.1 * noise[0], 0.6 + 0.1 * noise[1]
        adversarial = 0.3 + 0.3 * t + 0.25 * noise[2]
        reconstruction = 0.6 + 2.2 * np.exp(-6 * t) + 0.06 * noise[3]
        row = {
            "discriminator_loss": real + fake,
            "discriminator_real": real,
            "discriminator_fake": fake,
            "score_real": 0.5 + 0.1 * noise[4],
            "score_fake": -0.5 + 0.1 * noise[5],
            "generator_loss": adversarial + reconstruction,
            "generator_adversarial": adversarial,
            "reconstruction": reconstruction,
            "speed/steps_per_second": 3.2 + 0.1 * noise[6],
            "speed/images_per_second": 51 + 1.6 * noise[6],
            "learning_rate/generator": 2e-4,
            "learning_rate/discriminator": 4e-4,
        }
        rows.append({"step": step, **row, **_sigmas(t)})
        if step % 1000 == 0:
            rows.append({"step": step, **_evaluation(t)})
    return rows


def _sigmas(t: float) -> dict[str, float]:
    return {
        f"sigma/{network}/block_{block}/{layer}/sigma": 1.0
        + speed * (1 + block % 3) * t ** (0.5 + 0.1 * block)
        for network, speed in (("generator", 1.5), ("discriminator", 4.0))
        for block in range(5)
        for layer in ("conv1", "conv2", "shortcut")
    }


def _evaluation(t: float) -> dict[str, float]:
    rc = 1 - 0.6 * np.exp(-5 * t)
    return {
        "evaluation/rc": rc,
        "evaluation/rc_real": 0.999,
        "evaluation/mfid": 20 + 150 * np.exp(-4 * t),
        "evaluation/pose_r2/x": rc - 0.03,
        "evaluation/pose_r2/roll": rc - 0.7,
    }
