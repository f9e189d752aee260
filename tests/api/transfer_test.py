"""A transfer by `fit` is one by the command."""

import json

import pytest

from deepi2i_tf.api.transfer import initialise
from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.models import DeepI2I
from deepi2i_tf.training import trainer
from deepi2i_tf.utils.errors import UserError
from tests.api.small_model import sha256_of, small_config, small_model


@pytest.mark.slow
def test_stages_within_executions_make_the_weights_of_the_command(
    finished, tiny, tmp_path
):
    config = tiny(
        tmp_path / "run",
        stage="transfer",
        warmup_steps=1,
        init_from=str(finished),
        sample_every=0,
    )
    trainer.train(config)
    done = json.loads((tmp_path / "run" / "DONE.json").read_text())
    data = load_dataset(config)
    model = DeepI2I(config, num_classes=len(data.class_names))
    model.compile(steps_per_execution=2)
    initialise(model, data, tmp_path)
    assert (tmp_path / "class_map.tsv").is_file()
    model.fit(data.train(), epochs=2, steps_per_epoch=2, verbose=0)
    assert sha256_of(model) == done["weights_sha256"]


def test_what_has_not_started_from_there_is_refused(tiny, tmp_path):
    config = small_config(tiny(tmp_path, init_from="runs/gone"))
    data = load_dataset(config)
    model = small_model(config)
    with pytest.raises(UserError, match="init_from=runs/gone.*initialise"):
        model.fit(data.train(), steps_per_epoch=1)
    with pytest.raises(UserError, match="runs/gone"):
        initialise(model, data)
    with pytest.raises(UserError, match="a configuration with init_from"):
        initialise(small_model(small_config(tiny(tmp_path))), data)
