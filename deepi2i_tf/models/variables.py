"""The variables of Keras objects by path, as checkpoints store them.

`tf.train.Checkpoint` follows attributes, and does not see the layers that
Keras objects hold in lists and dicts: their weights would be left out without
a word. A flat dict of variables by path leaves nothing out, and reads the
same whatever the code around the layers becomes.
"""

from collections.abc import Iterable

import keras
import tensorflow as tf


def variables_by_path(
    variables: Iterable[keras.Variable],
) -> dict[str, tf.Variable]:
    """TensorFlow's variables under the paths of Keras'.

    Raises:
        ValueError: if two have one path.
    """
    variables = list(variables)
    by_path = {variable.path: variable.value for variable in variables}
    if len(by_path) != len(variables):
        raise ValueError(
            f"Expected {len(variables)} variables of different paths. "
            f"Received: {len(by_path)} paths. Give layers of one parent "
            "different names."
        )
    return by_path
