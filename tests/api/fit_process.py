"""A script that fits: `fit_process.py DATA_DIR FOLDER`, to be killed."""

import pathlib
import sys

import keras

from deepi2i_tf.api.callbacks import ExactCheckpoint
from deepi2i_tf.config import Config, DataConfig, TrainingConfig
from deepi2i_tf.data.dataset import load_dataset
from tests.api.small_model import sha256_of, small_config, small_model


def main(data_dir: str, folder: str) -> None:
    keras.utils.set_random_seed(0)
    config = small_config(
        Config(
            data=DataConfig(data_dir=data_dir),
            training=TrainingConfig(batch_size=2),
        )
    )
    model = small_model(config)
    kept = ExactCheckpoint(pathlib.Path(folder) / "kept", every=2)
    model.fit(
        load_dataset(config).train(),
        epochs=4,
        steps_per_epoch=15,
        callbacks=[kept],
        verbose=0,
    )
    (pathlib.Path(folder) / "sha256").write_text(sha256_of(model))


if __name__ == "__main__":
    main(*sys.argv[1:])
