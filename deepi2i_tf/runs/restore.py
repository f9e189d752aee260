"""Restores configuration and networks from a run directory."""

import os
from pathlib import Path

from deepi2i_tf.config import Config
from deepi2i_tf.models import (
    BaseTranslator,
    build_translator,
    variables_by_path,
)
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.networks import family_of
from deepi2i_tf.runs.checkpoints import list_checkpoints, read_items, read_meta
from deepi2i_tf.runs.layout import (
    BEST_FILE,
    CHECKPOINTS_FOLDER,
    CONFIG_FILE,
    DATA_FILE,
)
from deepi2i_tf.utils.atomic_files import read_json
from deepi2i_tf.utils.backend import dtype_policy
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit


def load_translator(
    run_dir: str | os.PathLike,
    averaged: bool = True,
    step: int | None = None,
) -> tuple[BaseTranslator, Config, tuple[str, ...], int]:
    """The translator of a run, with its weights.

    Its layers have the dtype policy of the run.

    Args:
        run_dir: the run directory.
        averaged: take the weight averages, as sampling and export do.
        step: which checkpoint; None takes the newest undamaged one.

    Returns:
        (translator, configuration, class names, finished steps).
    """
    run = Path(run_dir)
    config, class_names = read_run(run)
    _require_translator(run, config)
    step, path = choose_checkpoint(run, step)
    with dtype_policy(config.training.mixed_precision):
        translator = build_translator(config.network, "translator")
    translator.class_names, translator.photo_fit = class_names, read_fit(run)
    if averaged:
        items = {"averaged": variables_by_path(translator.weights)}
    else:
        items = {
            name: variables_by_path(getattr(translator, name).weights)
            for name in family_of(config.network).translating
        }
    read_items(path, items, whole=False)
    return translator, config, class_names, step


def _require_translator(run: Path, config: Config) -> None:
    if config.training.stage == PRETRAIN:
        raise UserError(
            f"Expected {run} to be a run that translates. Received: a "
            "BigGAN, pretrained without encoder and adaptor. Train a "
            "translator from it: python -m deepi2i_tf.train --stage=transfer "
            f"--init_from={run}."
        )


def read_run(run: Path) -> tuple[Config, tuple[str, ...]]:
    """(configuration, class names) of a run directory."""
    try:
        stored = read_json(run / CONFIG_FILE)
        data = read_json(run / DATA_FILE)
        if stored is not None and data is not None:
            return Config.from_dict(stored), tuple(data["class_names"])
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"Expected {run} to hold a run of this version. Received: a "
            f"{CONFIG_FILE} or {DATA_FILE} that fails at {error}. Use the "
            "version of the program that its versions.json names."
        ) from error
    raise UserError(
        f"Expected a run directory at {run}. Received: a path without "
        f"{CONFIG_FILE} and {DATA_FILE}. Give the folder that training "
        "printed as its run directory."
    )


def read_fit(run_dir: str | os.PathLike) -> Fit:
    """How the photos that a run was trained on became squares."""
    run = Path(run_dir)
    read_run(run)
    return Fit.from_dict(read_json(run / DATA_FILE))


def best_step(run_dir: str | os.PathLike) -> int:
    """The step that a run's `best.json` names."""
    run = Path(run_dir)
    read_run(run)
    best = read_json(run / BEST_FILE)
    if best is None:
        raise UserError(
            f"Expected {run} to have a best checkpoint. Received: a run "
            f"without {BEST_FILE}. Train with --evaluate_every and a "
            "--best_metric, or leave --best out for the newest checkpoint."
        )
    return int(best["step"])


def choose_checkpoint(run: Path, step: int | None) -> tuple[int, Path]:
    """Step and folder of the newest undamaged checkpoint, or of one step's."""
    found = list_checkpoints(run / CHECKPOINTS_FOLDER)
    wanted = [pair for pair in found if step in (None, pair[0])]
    fault = ""
    for number, path in reversed(wanted):
        meta, fault = read_meta(path)
        if meta is not None:
            return number, path
    stored = ", ".join(str(number) for number, _ in found) or "none"
    requested = (
        "a checkpoint" if step is None else f"a checkpoint of step {step}"
    )
    damage = f" ({fault})" if fault else ""
    raise UserError(
        f"Expected {requested} in {run}. Received: checkpoints of steps "
        f"{stored}{damage}. Train on until the next one is written, or choose "
        "one of these."
    )
