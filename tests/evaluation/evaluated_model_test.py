from deepi2i_tf.evaluation.evaluated_model import EvaluatedModel
from tests.evaluation import disc_set


def test_a_bare_translator_can_neither_mix_nor_walk():
    subject = EvaluatedModel(disc_set.copying, dim_z=8)
    assert subject.mix is None and subject.between is None
    assert subject.origin == {} and subject.identity == ""
