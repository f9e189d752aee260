"""`deepi2i_tf.initialise`: the start of a transfer, as the command makes it."""

import os

from deepi2i_tf.data.dataset import Dataset
from deepi2i_tf.models import TrainedModel
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.transfer import initialise as transfer
from deepi2i_tf.utils.backend import dtype_policy
from deepi2i_tf.utils.errors import UserError


def initialise(
    model: TrainedModel, data: Dataset, folder: str | os.PathLike = "."
) -> None:
    """Starts networks and averages from the run that `init_from` names.

    Args:
        model: whose configuration has an `init_from`.
        data: from `load_dataset`, for the rows of its classes.
        folder: where `class_map.tsv` goes, which says whose row each has.

    Raises:
        UserError: there is no such run, or one of another architecture.

    Example:
        >>> config = Config.from_flagfile("flags/transfer_creatures.cfg")
        >>> data = load_dataset(config)
        >>> model = DeepI2I(config, num_classes=len(data.class_names))
        >>> initialise(model, data)
    """
    config = model.config
    if not config.training.init_from:
        raise UserError(
            "Expected a configuration with init_from. Received: none. Give it "
            "to Config.from_flagfile."
        )
    with dtype_policy(config.training.mixed_precision):
        transfer.initialise(config, model, data.prepared, folder, RunLog(None))
