import keras
import pytest

from deepi2i_tf.models import DeepI2I
from deepi2i_tf.models.diagram import Part
from tests.models import tiny


def test_the_four_networks_are_drawn_with_their_counts():
    pytest.importorskip("pydot", reason="plot_model needs pydot")
    model = DeepI2I(tiny.config())
    made = model.diagram()
    drawn = keras.utils.model_to_dot(made, show_shapes=True).to_string()
    parts = [layer for layer in made.layers if isinstance(layer, Part)]
    assert {part.network for part in parts} == set(model.networks.values())
    for network in model.networks.values():
        assert f"{network.name}_{network.count_params()}_weights" in drawn
    assert "(None, 32, 32, 3)" in drawn
