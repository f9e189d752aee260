"""What the models share, seen from the outside."""

import pytest

from deepi2i_tf.models import AdversarialModel, BigGAN, DeepI2I, build_model
from deepi2i_tf.models.trained_model import TrainedModel
from tests.models import tiny


@pytest.mark.parametrize(
    "stage, kind, sides",
    [
        ("pretrain", BigGAN, ("target",)),
        ("scratch", DeepI2I, ("source", "target")),
        ("transfer", DeepI2I, ("source", "target")),
    ],
)
def test_a_stage_decides_the_model_and_what_it_reads(stage, kind, sides):
    made = tiny.config(stage=stage)
    model = build_model(made)
    assert type(model) is kind and isinstance(model, AdversarialModel)
    assert isinstance(model, TrainedModel) and model.sides == sides
    # Nothing beyond these sides is asked of a batch.
    batch = tiny.batch(made)
    model.train_step(
        {
            name: rows
            for name, rows in batch.items()
            if name.removesuffix("_label") in sides
        }
    )
    assert model.step.numpy() == 1


def test_sigmas_are_of_every_network_that_trains():
    sigmas = build_model(tiny.config(stage="pretrain")).sigmas()
    assert {path.split("/")[0] for path in sigmas} == {
        "generator",
        "discriminator",
    }
