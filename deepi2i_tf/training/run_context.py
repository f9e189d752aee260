"""What belongs to one run, handed around as one."""

import dataclasses

from deepi2i_tf.config import Config
from deepi2i_tf.data import PreparedData
from deepi2i_tf.models import TrainedModel
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.runs.run_dir import RunDir
from deepi2i_tf.training.distributed.strategy import DistributionContext


@dataclasses.dataclass(frozen=True)
class RunContext:
    """One worker's part of a run.

    Args:
        config: the experiment, `num_classes` filled in.
        model: built in the scope of the distribution's strategy.
        distribution: where steps run.
        data: the prepared data set.
        run: the locked run directory; None on a worker that is not the chief.
        log: where sentences go.
    """

    config: Config
    model: TrainedModel
    distribution: DistributionContext
    data: PreparedData
    run: RunDir | None
    log: RunLog
