"""Trains DeepI2I on a prepared data set (arXiv 2011.05867).

Everything about a run stands in its flagfile, one experiment each in flags/.
The same command again resumes a run that was stopped, with the same result,
bit for bit, as one that was not. --dry_run prints what would be trained and
needs no data.

Example:
    python -m deepi2i_tf.train --flagfile=flags/creatures.cfg
"""

from deepi2i_tf.cli import command, flag_schema, flags
from deepi2i_tf.config.commands import TrainOptions
from deepi2i_tf.evaluation.in_training import RunEvaluator
from deepi2i_tf.training import trainer
from deepi2i_tf.training.preflight import summary


def main() -> None:
    """Trains, or describes, what the flags say."""
    config = flags.config_of_command("train")
    if flags.read(TrainOptions).dry_run:
        print(summary.describe(config))
        return
    trainer.train(
        config,
        flagfile_text=flag_schema.flagfile_text(config),
        evaluate=RunEvaluator(config),
    )


if __name__ == "__main__":
    flags.define("train")
    command.run(main)
