"""A training of two replicas: DATA_DIR RUN_DIR STEPS."""

import sys

from deepi2i_tf import config
from deepi2i_tf.training import trainer


def main(data_dir: str, run_dir: str, steps: str) -> None:
    """Trains; two logical CPUs are made, so in a process of its own."""
    trainer.train(
        config.Config(
            data=config.DataConfig(data_dir=data_dir),
            network=config.NetworkConfig(
                resolution=32, ch=2, dim_z=16, shared_dim=8
            ),
            training=config.TrainingConfig(
                batch_size=4,
                num_replicas=2,
                steps=int(steps),
                run_dir=run_dir,
                sample_every=4,
                log_every=2,
            ),
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
