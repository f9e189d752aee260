"""The Hub, played by a server on loopback that speaks its HTTP."""

import json

import numpy as np
import pytest

from deepi2i_tf.api import hub
from deepi2i_tf.api.translators import load_translator
from deepi2i_tf.models import Translator
from deepi2i_tf.utils.errors import UserError
from tests.api import hub_server

constants = pytest.importorskip(
    "huggingface_hub.constants", reason="the extra hub is not installed"
)
# huggingface_hub 2.4 sends files in a way that its HTTP client deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=")
METRICS = {
    "rc": 0.9,
    "mfid": 1.25,
    "protocol": {
        "data": "/data/creatures/r32/1.0.0",
        "num_sources": 6,
        "features": "classifier, 64 dimensions",
    },
}


def point_at(address, cache, monkeypatch):
    """Does what HF_ENDPOINT and HF_HOME do at the start of a process."""
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        template.replace(constants.ENDPOINT, address),
    )
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
    # Large files by Git LFS over HTTP; the other way is compiled code.
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    # Nobody waits for the next try.
    monkeypatch.setattr("huggingface_hub.utils._http.time.sleep", id)


@pytest.fixture
def server(tmp_path, monkeypatch):
    with hub_server.running() as (address, served):
        point_at(address, tmp_path / "cache", monkeypatch)
        monkeypatch.setenv("HF_TOKEN", hub_server.TOKEN)
        yield served


@pytest.fixture(scope="module")
def translator(finished):
    return load_translator(finished)


@pytest.fixture
def report(tmp_path):
    folder = tmp_path / "report"
    folder.mkdir()
    (folder / "metrics.json").write_text(json.dumps(METRICS))
    (folder / "translations.png").write_bytes(b"a sheet" * 200)
    return folder


def test_what_is_pushed_is_loaded_and_translates_alike(
    server, translator, report
):
    address = hub.push_to_hub(
        translator, "user/animals", report, license="mit", data="Drawn."
    )
    assert address.startswith(constants.ENDPOINT) and "/commit/" in address
    files = server.repositories["user/animals"]
    assert set(files) - {".gitattributes"} == {
        "README.md", "metrics.json", "translations.png", "translator.keras",
    }  # fmt: skip
    card = files["README.md"].decode()
    for said in (
        'license: "mit"', "pipeline_tag: image-to-image", "Drawn.",
        "| RC | 0.9 | higher |", "| mFID (classifier) | 1.25 | lower |",
        "num_sources: 6", "(translations.png)", "arxiv.org/abs/2011.05867",
        'd2.load_translator("hf://user/animals")', translator.class_names[0],
    ):  # fmt: skip
        assert said in card
    loaded = load_translator("hf://user/animals")
    assert type(loaded) is Translator
    assert loaded.class_names == translator.class_names
    photo = np.full((40, 40, 3), 90, np.uint8)
    np.testing.assert_array_equal(
        loaded.translate(photo, 1), translator.translate(photo, 1)
    )


def test_what_the_hub_refuses_is_told(server, translator, monkeypatch):
    with pytest.raises(UserError, match="gone at .* you may read.*hf auth"):
        load_translator("hf://user/gone")
    server.repositories["user/text"] = {"README.md": b"no model"}
    with pytest.raises(UserError, match="user/text to hold a translator.keras"):
        load_translator("hf://user/text")
    hub.push_to_hub(translator, "user/secret", private=True)
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(UserError, match="none of this name, or a private one"):
        load_translator("hf://user/secret")
    with pytest.raises(UserError, match="Received: 401. Log in with the right"):
        hub.push_to_hub(translator, "user/other")
    with pytest.raises(UserError, match="user/name. Received: 'a/b/c'"):
        load_translator("hf://a/b/c")


def test_no_network_is_told(translator, tmp_path, monkeypatch):
    # Nothing listens on the discard port.
    point_at("http://127.0.0.1:9", tmp_path, monkeypatch)
    for call in (
        lambda: load_translator("hf://user/animals"),
        lambda: hub.push_to_hub(translator, "user/animals"),
    ):
        with pytest.raises(UserError, match="Check the network, or HF_ENDPOI"):
            call()


def test_what_cannot_be_pushed_is_refused(translator, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="without metrics.json. Run evaluate"):
        hub.push_to_hub(translator, "user/animals", tmp_path)
    with pytest.raises(UserError, match="that knows its classes. Received: a"):
        hub.push_to_hub(3, "user/animals")
    monkeypatch.setattr(hub, "huggingface_hub", None)
    with pytest.raises(UserError, match=r"pip install 'deepi2i_tf\[hub\]'"):
        load_translator("hf://user/animals")
