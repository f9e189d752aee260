"""Trainable models: networks, their losses and their steps."""

from deepi2i_tf.models.adversarial_model import (
    AdversarialModel as AdversarialModel,
)
from deepi2i_tf.models.biggan import BigGAN as BigGAN
from deepi2i_tf.models.deepi2i import DeepI2I as DeepI2I
from deepi2i_tf.models.dmit import DMIT as DMIT
from deepi2i_tf.models.families import build_model as build_model
from deepi2i_tf.models.families import build_translator as build_translator
from deepi2i_tf.models.sdit import SDIT as SDIT
from deepi2i_tf.models.stargan import StarGAN as StarGAN
from deepi2i_tf.models.trained_model import TrainedModel as TrainedModel
from deepi2i_tf.models.translator import BaseTranslator as BaseTranslator
from deepi2i_tf.models.translator import Translator as Translator
from deepi2i_tf.models.variables import variables_by_path as variables_by_path
