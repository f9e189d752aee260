"""Pretrains a BigGAN (arXiv 1809.11096) for DeepI2I to start from.

The class-conditional generator and discriminator of a prepared data set,
without sources to translate: arXiv 2011.05867, figure 1 left. Flags, resuming
and --dry_run are those of deepi2i_tf.train; flags of the encoder, the adaptor
and the reconstruction have nothing to act on.

Example:
    python -m deepi2i_tf.pretrain --flagfile=flags/pretrain_creatures.cfg
"""

from deepi2i_tf.cli import command, flag_schema, flags
from deepi2i_tf.config.commands import TrainOptions
from deepi2i_tf.evaluation.in_training import SampleEvaluator
from deepi2i_tf.training import trainer
from deepi2i_tf.training.preflight import summary


def main() -> None:
    """Pretrains, or describes, what the flags say."""
    config = flags.config_of_command("pretrain")
    if flags.read(TrainOptions).dry_run:
        print(summary.describe(config))
        return
    trainer.train(
        config,
        flagfile_text=flag_schema.flagfile_text(config),
        evaluate=SampleEvaluator(config),
    )


if __name__ == "__main__":
    flags.define("pretrain")
    command.run(main)
