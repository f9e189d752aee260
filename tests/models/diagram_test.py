import keras
import pytest

from deepi2i_tf.models import build_model
from deepi2i_tf.models.diagram import Part
from tests.models import critics, tiny

CONFIGS = {
    "deepi2i": tiny.config(),
    **{model: critics.config(model) for model in critics.NETWORKS},
}


@pytest.mark.parametrize(
    "name",
    [
        "deepi2i",
        "stargan",
        "sdit",
        pytest.param("dmit", marks=pytest.mark.slow),
    ],
)
def test_all_networks_are_drawn_with_their_counts(name):
    pytest.importorskip("pydot", reason="plot_model needs pydot")
    model = build_model(CONFIGS[name])
    made = model.diagram()
    drawn = keras.utils.model_to_dot(made, show_shapes=True).to_string()
    parts = [layer for layer in made.layers if isinstance(layer, Part)]
    assert {part.network for part in parts} == set(model.networks.values())
    for network in model.networks.values():
        assert f"{network.name}_{network.count_params()}_weights" in drawn
    assert "(None, 32, 32, 3)" in drawn
    given = {each.name for each in made.inputs}
    assert given == {"images", "labels"} | (
        set() if name == "stargan" else {"z"}
    )
