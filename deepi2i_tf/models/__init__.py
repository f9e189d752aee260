"""Trainable models: the four networks, their losses and their steps."""

from deepi2i_tf.models.build import build_deepi2i as build_deepi2i
from deepi2i_tf.models.deepi2i import DeepI2I as DeepI2I
from deepi2i_tf.models.translator import Translator as Translator
from deepi2i_tf.models.translator import build_translator as build_translator
from deepi2i_tf.models.variables import variables_by_path as variables_by_path
