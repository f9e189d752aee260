import numpy as np
import pytest

from deepi2i_tf.api.translators import export, load_translator
from deepi2i_tf.models import build_translator
from deepi2i_tf.utils.errors import UserError
from tests.networks.tiny import CONFIG


def photo():
    return np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


@pytest.fixture(scope="module")
def of_run(finished):
    return load_translator(finished)


def test_a_photo_is_translated_by_name_and_number(of_run):
    name = of_run.class_names[2]
    expected = of_run.translate(photo(), name, seed=3)
    assert expected.shape == (32, 32, 3) and expected.dtype == np.uint8
    assert (of_run.translate(photo(), 2, seed=3) == expected).all()
    assert (of_run.translate(photo(), name, seed=4) != expected).any()


def test_what_is_no_class_is_refused(of_run):
    with pytest.raises(UserError, match="Received: 'dodo'. Its names are: "):
        of_run.translate(photo(), "dodo")
    with pytest.raises(UserError, match=r"in 0..2. Received: 3"):
        of_run.translate(photo(), 3)


def test_what_is_no_translator_is_refused(tmp_path, of_run):
    with pytest.raises(UserError, match="a run directory, an exported model"):
        load_translator(tmp_path)
    with pytest.raises(UserError, match="gone.keras to be a model file"):
        load_translator(tmp_path / "gone.keras")
    nameless = build_translator(CONFIG, "nameless")
    with pytest.raises(UserError, match="Received: one without class names"):
        export(nameless, tmp_path / "exported")
