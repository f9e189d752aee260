import dataclasses
import json

import numpy as np
import pytest

from deepi2i_tf.config import NetworkConfig, TransferConfig
from deepi2i_tf.data import find_prepared
from deepi2i_tf.models import build_model
from deepi2i_tf.networks import NETWORK_NAMES
from deepi2i_tf.runs.console_log import RunLog
from deepi2i_tf.training import trainer
from deepi2i_tf.transfer import initialise
from deepi2i_tf.utils.errors import UserError
from tests.training.biggan_run import NETWORK, arrays, write_biggan

THEIRS = ("ant", "bee", "cat", "dog")


@pytest.fixture(scope="session")
def biggan(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "biggan"
    return path, *write_biggan(path, THEIRS)


@pytest.fixture
def start(data_dir, tiny, tmp_path):
    """Builds a model, starts it from a run, gives it and what was said."""
    prepared = find_prepared(data_dir, "creatures", 32)

    def begin(source, class_names=None, stage="transfer", **transfer):
        names = class_names or prepared.class_names
        data = dataclasses.replace(prepared, class_names=tuple(names))
        config = tiny(tmp_path, init_from=str(source), stage=stage)
        network = dataclasses.replace(config.network, num_classes=len(names))
        config = dataclasses.replace(
            config, network=network, transfer=TransferConfig(**transfer)
        )
        model = build_model(config)
        log = RunLog(tmp_path / "log.txt")
        before = {n: arrays(net) for n, net in model.networks.items()}
        initialise.initialise(config, model, data, tmp_path, log)
        table = (tmp_path / "class_map.tsv").read_text().splitlines()[1:]
        said = (tmp_path / "log.txt").read_text()
        return model, before, [line.split("\t") for line in table], said

    return begin


def assert_same(network, expected, but=()):
    for path, value in arrays(network).items():
        if not path.endswith(tuple(but) or "\n"):
            np.testing.assert_array_equal(value, expected[path], path)


ROWS = ("shared/embeddings", "embed/embeddings", "embed/u")


def test_every_network_starts_where_it_should(biggan, start):
    path, averaged, discriminator = biggan
    model, before, _, said = start(path)
    networks = model.networks
    assert_same(networks["generator"], arrays(averaged), ROWS)
    assert_same(networks["discriminator"], arrays(discriminator), ROWS)
    trunk = {
        path.replace("discriminator", "encoder"): value
        for path, value in arrays(discriminator).items()
    }
    assert_same(networks["encoder"], trunk)
    assert_same(networks["adaptor"], before["adaptor"])
    averages = model.averaged
    assert_same(averages.generator, arrays(networks["generator"]))
    assert_same(averages.encoder, trunk)
    assert "step 70 of a BigGAN: encoder, generator, discriminator" in said
    assert "At their random start stay: adaptor." in said


def test_class_rows_follow_map_name_features_and_mean(biggan, start, tmp_path):
    path, averaged, discriminator = biggan
    class_map = tmp_path / "map.txt"
    class_map.write_text("wolf\tbee\n")
    model, _, table, said = start(
        path, ("wolf", "dog", "elk"), class_map=str(class_map)
    )
    assert table[:2] == [["wolf", "map", "bee"], ["dog", "name", "dog"]]
    name, rule, theirs = table[2]
    assert (name, rule) == ("elk", "features")
    chosen = [1, 3, THEIRS.index(theirs)]
    assert "Class rows: 1 by map, 1 by name, 1 by features" in said
    generator = model.networks["generator"]
    rows = averaged.shared.embeddings.numpy()[chosen]
    np.testing.assert_array_equal(generator.shared.embeddings, rows)
    layer, old = model.discriminator.embedding, discriminator.embedding
    rows = old.raw_weight.numpy()[chosen]
    np.testing.assert_array_equal(layer.raw_weight, rows)
    u = old.u.numpy()[:, chosen]
    np.testing.assert_allclose(layer.u, u / np.linalg.norm(u), rtol=1e-6)


def test_equal_names_in_another_order_keep_every_bit(biggan, start):
    path, averaged, discriminator = biggan
    order = [2, 0, 3, 1]
    model, *_ = start(path, [THEIRS[place] for place in order])
    np.testing.assert_array_equal(
        model.networks["generator"].shared.embeddings,
        averaged.shared.embeddings.numpy()[order],
    )
    np.testing.assert_array_equal(
        model.discriminator.embedding.u,
        discriminator.embedding.u.numpy()[:, order],
    )


def test_the_mean_row_serves_all_when_it_is_asked_for(biggan, start):
    path, averaged, _ = biggan
    model, _, table, _ = start(path, ("dog", "elk", "fox"), class_rows="mean")
    assert [row[1] for row in table] == ["mean"] * 3
    mean = averaged.shared.embeddings.numpy().mean(0)
    for row in model.networks["generator"].shared.embeddings.numpy():
        np.testing.assert_allclose(row, mean, rtol=1e-6)


def test_without_a_discriminator_two_networks_stay(start, tmp_path):
    source = tmp_path / "generator_only"
    averaged, _ = write_biggan(source, THEIRS, discriminator=False)
    model, before, table, said = start(source)
    assert_same(model.networks["generator"], arrays(averaged), ROWS)
    for name in ("encoder", "discriminator"):
        assert_same(model.networks[name], before[name])
    assert {row[1] for row in table} == {"mean"}
    assert "has no discriminator." in said
    assert "stay: encoder, adaptor, discriminator." in said


def test_only_the_networks_asked_for_start(biggan, start):
    path, _, discriminator = biggan
    model, before, table, _ = start(path, init_networks=("encoder",))
    for name in ("adaptor", "generator", "discriminator"):
        assert_same(model.networks[name], before[name])
    kernel = model.networks["encoder"].trunk.blocks[0].conv1.raw_weight
    expected = discriminator.trunk.blocks[0].conv1.raw_weight
    np.testing.assert_array_equal(kernel, expected)
    assert table == []


def test_a_deepi2i_of_other_classes_gives_all_four(finished, start):
    known = json.loads((finished / "data.json").read_text())["class_names"]
    names = ("new", known[2], known[0], "newer", "newest")
    model, before, table, said = start(finished, names, stage="scratch")
    # Of the last two classes the data set has no image.
    assert [row[1] for row in table] == [
        "features", "name", "name", "mean", "mean",
    ]  # fmt: skip
    assert "of a DeepI2I: encoder, adaptor, generator, discriminator" in said
    kernel = model.networks["adaptor"].trainable_weights[0]
    assert not np.array_equal(kernel, before["adaptor"][kernel.path])


def test_other_networks_are_refused_in_numbers(tiny, tmp_path, data_dir):
    source = tmp_path / "source"
    network = NetworkConfig(resolution=32, ch=3, dim_z=8, shared_dim=4)
    write_biggan(source, THEIRS, network)
    with pytest.raises(UserError) as refusal:
        trainer.train(tiny(tmp_path / "run", init_from=str(source)))
    assert (
        "ch 3 there, 2 here; dim_z 8 there, 16 here; shared_dim 4 there, 8 here"
        in str(refusal.value)
    )


@pytest.mark.slow
def test_a_resumed_run_does_not_read_its_source(tiny, tmp_path, finished):
    source = tmp_path / "source"
    write_biggan(source, THEIRS)
    straight = tiny(tmp_path / "a", init_from=str(source), warmup_steps=1)
    halted = tiny(tmp_path / "b", init_from=str(source), warmup_steps=1)
    trainer.train(straight)
    trainer.train(
        dataclasses.replace(
            halted, training=dataclasses.replace(halted.training, steps=2)
        )
    )
    source.rename(tmp_path / "gone")
    trainer.train(halted)
    sums = [
        json.loads((tmp_path / run / "DONE.json").read_text())["weights_sha256"]
        for run in "ab"
    ]
    assert sums[0] == sums[1]


@pytest.fixture(scope="module")
def opened(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "biggan"
    write_biggan(path, ("ant", "bee"))
    return initialise.open_source(path)


def test_a_checkpoint_folder_of_a_run_is_taken_as_it_is(finished):
    source = initialise.open_source(finished / "checkpoints" / "step-00000002")
    assert (source.step, source.is_biggan) == (2, False)
    assert initialise.open_source(finished).step == 4
    assert len(source.class_names) == 3
    assert source.choose((), NETWORK_NAMES) == NETWORK_NAMES


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="Expected --init_from"):
        initialise.open_source(tmp_path)


def test_a_biggan_has_three_networks(opened):
    assert (opened.step, opened.is_biggan) == (70, True)
    assert opened.choose((), NETWORK_NAMES) == (
        "encoder", "generator", "discriminator",
    )  # fmt: skip
    requested = ("discriminator", "encoder")
    assert opened.choose(requested, NETWORK_NAMES) == (
        "encoder",
        "discriminator",
    )
    with pytest.raises(UserError, match="Received: adaptor. Leave it out"):
        opened.choose(("adaptor", "encoder"), NETWORK_NAMES)


def test_every_number_that_differs_is_told(opened):
    here = NetworkConfig(
        resolution=64, ch=4, dim_z=24, shared_dim=9, attention_resolutions=(8,)
    )
    with pytest.raises(UserError) as refusal:
        opened.require_fit(here, ("encoder", "generator"))
    for said in (
        "resolution 32 there, 64 here",
        "ch 2 there, 4 here",
        "attention_resolutions [0] there, [8] here",
        "dim_z 16 there, 20 here",
        "shared_dim 8 there, 9 here",
    ):
        assert said in str(refusal.value)


def test_what_another_network_has_does_not_matter(opened):
    here = dataclasses.replace(
        NETWORK, shared_dim=9, adaptor="identity", num_classes=9
    )
    opened.require_fit(here, ("encoder", "discriminator"))
    with pytest.raises(
        UserError, match="Received: shared_dim 8 there, 9 here."
    ):
        opened.require_fit(here, ("generator",))
