"""`deepi2i_tf.train`: what the commands `train` and `pretrain` do."""

import pathlib

from deepi2i_tf.cli.flag_schema import flagfile_text
from deepi2i_tf.config import Config
from deepi2i_tf.evaluation.in_training import RunEvaluator, SampleEvaluator
from deepi2i_tf.models.stages import PRETRAIN
from deepi2i_tf.training import trainer


def train(config: Config) -> pathlib.Path | None:
    """Trains, or goes on training, in a run directory of its own.

    Args:
        config: the experiment; `training.run_dir` says where, or a new one is
            numbered under `training.runs_dir`.

    Returns:
        The run directory; None on a worker that is not the chief.

    Raises:
        UserError: for everything that a user can mend.

    Example:
        >>> config = Config.from_flagfile("flags/demo.cfg", steps=100)
        >>> run_dir = train(config)
    """
    pretrains = config.training.stage == PRETRAIN
    evaluator = SampleEvaluator if pretrains else RunEvaluator
    return trainer.train(
        config,
        flagfile_text=flagfile_text(config),
        evaluate=evaluator(config),
    )
