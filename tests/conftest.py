"""Two logical CPUs and one dtype policy for the whole test session.

Logical devices can only be made before TensorFlow touches one, so it happens
here, while pytest starts.
"""

import gc

import keras
import pytest
import tensorflow as tf

tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0],
    [tf.config.LogicalDeviceConfiguration()] * 2,
)


# Traced graphs are many small objects, and looking through all that are left
# took a seventh of the suite's time.
gc.set_threshold(20_000, 50, 50)


@pytest.fixture(scope="session")
def two_replicas():
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])


@pytest.fixture(autouse=True)
def float32_again():
    """Models set the dtype policy of the process; no test inherits it."""
    yield
    keras.config.set_dtype_policy("float32")
