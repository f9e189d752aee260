"""Modules of the commands, whose names the package gives to functions."""

import sys

import deepi2i_tf.evaluate
import deepi2i_tf.export
import deepi2i_tf.train  # noqa: F401

evaluate = sys.modules["deepi2i_tf.evaluate"]
export = sys.modules["deepi2i_tf.export"]
train = sys.modules["deepi2i_tf.train"]
