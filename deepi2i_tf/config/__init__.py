"""One experiment and the options of every command: frozen, validated values.

Nothing here imports TensorFlow or absl.
"""

from deepi2i_tf.config.baselines import BaselineConfig
from deepi2i_tf.config.experiment import Config
from deepi2i_tf.config.pose import PoseConfig
from deepi2i_tf.config.sections import (
    BEST_METRICS,
    CLASS_ROWS,
    DMIT_NETWORKS,
    FEATURE_RESOLUTIONS,
    LOSSES,
    MODEL_TITLES,
    MODELS,
    NETWORKS,
    PRECISIONS,
    RESOLUTIONS,
    STAGES,
    DataConfig,
    NetworkConfig,
    ObjectiveConfig,
    OptimizerConfig,
    TrainingConfig,
    TransferConfig,
)
from deepi2i_tf.config.stability import (
    ON_COLLAPSE,
    ROLLBACK,
    STOP,
    WARN,
    MonitorConfig,
)

__all__ = [
    "BEST_METRICS",
    "CLASS_ROWS",
    "FEATURE_RESOLUTIONS",
    "LOSSES",
    "MODELS",
    "MODEL_TITLES",
    "DMIT_NETWORKS",
    "NETWORKS",
    "ON_COLLAPSE",
    "PRECISIONS",
    "RESOLUTIONS",
    "ROLLBACK",
    "STAGES",
    "STOP",
    "WARN",
    "BaselineConfig",
    "Config",
    "DataConfig",
    "MonitorConfig",
    "NetworkConfig",
    "ObjectiveConfig",
    "OptimizerConfig",
    "PoseConfig",
    "TrainingConfig",
    "TransferConfig",
]
