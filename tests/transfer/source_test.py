import dataclasses

import pytest

from deepi2i_tf.config import NetworkConfig
from deepi2i_tf.networks import NETWORK_NAMES
from deepi2i_tf.transfer.source import open_source
from deepi2i_tf.utils.errors import UserError
from tests.training.biggan_run import NETWORK, write_biggan


@pytest.fixture(scope="module")
def biggan(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "biggan"
    write_biggan(path, ("ant", "bee"))
    return open_source(path)


def test_a_checkpoint_folder_of_a_run_is_taken_as_it_is(finished):
    source = open_source(finished / "checkpoints" / "step-00000002")
    assert (source.step, source.is_biggan) == (2, False)
    assert open_source(finished).step == 4
    assert len(source.class_names) == 3
    assert source.choose((), NETWORK_NAMES) == NETWORK_NAMES


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UserError, match="Expected --init_from"):
        open_source(tmp_path)


def test_a_biggan_has_three_networks(biggan):
    assert (biggan.step, biggan.is_biggan) == (70, True)
    assert biggan.choose((), NETWORK_NAMES) == (
        "encoder", "generator", "discriminator",
    )  # fmt: skip
    requested = ("discriminator", "encoder")
    assert biggan.choose(requested, NETWORK_NAMES) == (
        "encoder",
        "discriminator",
    )
    with pytest.raises(UserError, match="Received: adaptor. Leave it out"):
        biggan.choose(("adaptor", "encoder"), NETWORK_NAMES)


def test_every_number_that_differs_is_told(biggan):
    here = NetworkConfig(
        resolution=64, ch=4, dim_z=24, shared_dim=9, attention_resolutions=(8,)
    )
    with pytest.raises(UserError) as refusal:
        biggan.require_fit(here, ("encoder", "generator"))
    for said in (
        "resolution 32 there, 64 here",
        "ch 2 there, 4 here",
        "attention_resolutions [0] there, [8] here",
        "dim_z 16 there, 20 here",
        "shared_dim 8 there, 9 here",
    ):
        assert said in str(refusal.value)


def test_what_another_network_has_does_not_matter(biggan):
    here = dataclasses.replace(
        NETWORK, shared_dim=9, adaptor="identity", num_classes=9
    )
    biggan.require_fit(here, ("encoder", "discriminator"))
    with pytest.raises(
        UserError, match="Received: shared_dim 8 there, 9 here."
    ):
        biggan.require_fit(here, ("generator",))
