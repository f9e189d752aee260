"""One experiment and the options of every command: frozen, validated values.

Nothing here imports TensorFlow or absl.
"""

from deepi2i_tf.config.experiment import Config as Config
from deepi2i_tf.config.sections import (
    ADAPTORS as ADAPTORS,
)
from deepi2i_tf.config.sections import (
    BEST_METRICS as BEST_METRICS,
)
from deepi2i_tf.config.sections import (
    CLASS_ROWS as CLASS_ROWS,
)
from deepi2i_tf.config.sections import (
    FEATURE_RESOLUTIONS as FEATURE_RESOLUTIONS,
)
from deepi2i_tf.config.sections import (
    JIT_MODES as JIT_MODES,
)
from deepi2i_tf.config.sections import (
    LOSSES as LOSSES,
)
from deepi2i_tf.config.sections import (
    NETWORKS as NETWORKS,
)
from deepi2i_tf.config.sections import (
    PRECISIONS as PRECISIONS,
)
from deepi2i_tf.config.sections import (
    RECONSTRUCTIONS as RECONSTRUCTIONS,
)
from deepi2i_tf.config.sections import (
    RESOLUTIONS as RESOLUTIONS,
)
from deepi2i_tf.config.sections import (
    STAGES as STAGES,
)
from deepi2i_tf.config.sections import (
    DataConfig as DataConfig,
)
from deepi2i_tf.config.sections import (
    NetworkConfig as NetworkConfig,
)
from deepi2i_tf.config.sections import (
    ObjectiveConfig as ObjectiveConfig,
)
from deepi2i_tf.config.sections import (
    OptimizerConfig as OptimizerConfig,
)
from deepi2i_tf.config.sections import (
    TrainingConfig as TrainingConfig,
)
from deepi2i_tf.config.sections import (
    TransferConfig as TransferConfig,
)
