"""StarGAN, SDIT and DMIT from the command to a picture, in small."""

import dataclasses
import json

import keras
import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.api.evaluation import evaluate
from deepi2i_tf.api.translators import export
from deepi2i_tf.config import Config, MonitorConfig
from deepi2i_tf.config.commands import TranslateOptions
from deepi2i_tf.data.dataset import load_dataset
from deepi2i_tf.models import DMIT, SDIT, StarGAN
from deepi2i_tf.networks import z_length
from deepi2i_tf.runs import restore
from deepi2i_tf.runs.identity import weights_sha256
from deepi2i_tf.serving.translate_photos import plan_rows, translate_photos
from deepi2i_tf.serving.translator import LoadedTranslator
from deepi2i_tf.training import trainer
from deepi2i_tf.utils.errors import UserError
from tests.models import critics
from tests.serving.http.serving import Serving

CLASSES = {"stargan": StarGAN, "sdit": SDIT, "dmit": DMIT}
_OF_CRITICS = {
    "critic_loss", "gradient_penalty",
    "learning_rate/generator", "learning_rate/discriminator",
}  # fmt: skip
_OF_DMIT = {
    "prior_judge_loss", "encoded_judge_loss", "content_judge_loss",
    "learning_rate/decoder", "learning_rate/content_judge",
}  # fmt: skip


@pytest.fixture(
    scope="module",
    params=[
        "stargan",
        pytest.param("sdit", marks=pytest.mark.slow),
        pytest.param("dmit", marks=pytest.mark.slow),
    ],
)
def model(request):
    return request.param


@pytest.fixture(scope="module")
def experiment(tiny, model):
    """Makes the configuration of a run of a few seconds."""

    def make(path, **training) -> Config:
        small, rounds = critics.config(model), 1 if model == "dmit" else 2
        return dataclasses.replace(
            tiny(path, discriminator_steps=rounds, **training),
            network=small.network,
            optimizer=small.optimizer,
            monitor=MonitorConfig(monitor_every=2),
        )

    return make


@pytest.fixture(scope="module")
def finished(made_once, experiment, model):
    """The run directory of a run of four steps."""
    return made_once(
        f"finished-{model}", lambda path: trainer.train(experiment(path))
    )


@pytest.fixture(scope="module")
def exported_run(made_once, finished, model):
    """That run's averages, exported."""
    translator = restore.load_translator(finished)[0]
    return made_once(
        f"exported-{model}", lambda path: export(translator, path / "model")
    ).joinpath("model")


def sha256(run):
    return json.loads((run / "DONE.json").read_text())["weights_sha256"]


def test_a_stopped_and_continued_run_ends_with_the_same_bits(
    finished, experiment, tmp_path
):
    trainer.train(experiment(tmp_path / "run", steps=2))
    trainer.train(experiment(tmp_path / "run"))
    assert sha256(tmp_path / "run") == sha256(finished)


def test_fit_makes_the_weights_of_the_command_through_a_file(
    finished, experiment, model, tmp_path
):
    config = experiment("")
    data = load_dataset(config)
    made = CLASSES[model](config, num_classes=len(data.class_names))
    made.compile()
    made.fit(data.train(), steps_per_epoch=2, verbose=0)
    made.save(tmp_path / "model.keras")
    again = keras.saving.load_model(tmp_path / "model.keras")
    assert type(again) is CLASSES[model]
    again.fit(data.train(), steps_per_epoch=2, verbose=0)
    assert weights_sha256(again.named_weights()) == sha256(finished)


def test_a_run_shows_losses_probes_and_sheets(finished, model):
    samples = {path.name for path in (finished / "samples").iterdir()}
    assert samples == {"real.png", "step-000000.png", "step-000004.png"}
    rows = (finished / "metrics.jsonl").read_text().splitlines()
    known = {name for row in rows for name in json.loads(row)}
    assert {
        "generator_loss", "cycle",
        "monitor/sources", "monitor/class_rows", "monitor/gap",
    } <= known  # fmt: skip
    assert (_OF_DMIT if model == "dmit" else _OF_CRITICS) <= known
    has_sigmas = any(name.startswith("sigma/") for name in known)
    assert has_sigmas == (model == "dmit")


def test_an_exported_model_translates_as_the_run(finished, exported_run, model):
    translator, config, _, step = restore.load_translator(finished)
    assert step == 4
    loaded = LoadedTranslator(str(exported_run))
    assert loaded.dim_z == z_length(config.network)
    facts = exported_run / "assets" / "model.json"
    assert json.loads(facts.read_text())["model"] == model
    images = critics.batch(config)["source"]
    z = loaded.sample_z(range(len(images)))
    labels = np.int32([0, 1, 2, 0][: len(images)])
    np.testing.assert_allclose(
        loaded.translate(images, labels, z),
        translator(images, z=z, labels=labels),
        atol=1e-4,
    )
    options = TranslateOptions(
        model="m", input="i", target="all", num_samples=2
    )
    if loaded.dim_z:
        assert len(plan_rows(loaded, options)[0].frames) == 6
    else:
        with pytest.raises(UserError, match="has no z.*num_samples=2"):
            plan_rows(loaded, options)


@pytest.mark.slow
def test_a_served_model_and_the_command_translate_as_the_exported_one(
    exported_run, tmp_path, model
):
    loaded = LoadedTranslator(str(exported_run))
    images = critics.batch(critics.config(model))["source"]
    z = loaded.sample_z([3, 4])
    inputs = {"images": images, "z": z, "target_class": np.int32([2, 0])}
    columns = {name: rows.tolist() for name, rows in inputs.items()}
    with Serving(model=str(exported_run)) as served:
        answer = served.predict(
            {"signature_name": "translate", "inputs": columns}
        )
    assert answer.status == 200, answer.body
    expected = loaded.translate(images, inputs["target_class"], z)
    np.testing.assert_allclose(answer.json["outputs"], expected, atol=1e-5)
    photo = tmp_path / "photo.png"
    Image.fromarray(np.uint8(127.5 * (images[0] + 1))).save(photo)
    options = TranslateOptions(
        model=str(exported_run),
        input=str(photo),
        target="all",
        output=str(tmp_path / "walk.png"),
        interpolate="z",
        interpolation_steps=3,
    )
    if loaded.dim_z:
        assert translate_photos(options) == 3 * 3
    else:
        with pytest.raises(UserError, match="has no z"):
            translate_photos(options)


def test_an_evaluation_says_where_there_is_no_z(finished, tmp_path, model):
    some = {
        "num_images": 3,
        "fc": False,
        "reference_steps": 2,
        "diversity_sources": 2,
        "diversity_z": 2,
    }
    scores = evaluate(finished, output=tmp_path / "report", **some)
    assert scores["rc"] >= 0.0
    has_z = z_length(critics.NETWORKS[model]) > 0
    assert ("diversity" in scores) == has_z
    assert (scores["protocol"]["diversity"] == "0: no z") == (not has_z)
    if not has_z:
        with pytest.raises(UserError, match="num_z=1 for a model that has no"):
            evaluate(finished, output=tmp_path / "other", num_z=2, **some)
