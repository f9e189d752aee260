"""Translators on the Hugging Face Hub: `hf://user/name`.

What goes there is a `.keras` file, which Keras reads without running anything
that is in it (`safe_mode`), and a card written from the report. `HF_ENDPOINT`,
`HF_TOKEN` and `HF_HOME` are those of `huggingface_hub`.
"""

import os
import pathlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from deepi2i_tf.models import BaseTranslator
from deepi2i_tf.reporting.model_card import data_sentence, model_card
from deepi2i_tf.reporting.report_data import read_json
from deepi2i_tf.runs.layout import METRICS_FILE, TRANSLATIONS_FILE
from deepi2i_tf.utils.errors import UserError

try:
    import huggingface_hub
    from huggingface_hub import constants, errors
except ImportError:  # the extra `hub`
    huggingface_hub = constants = errors = None

HUB_PREFIX = "hf://"
MODEL_FILE = "translator.keras"
CARD_FILE = "README.md"


def push_to_hub(
    translator: BaseTranslator,
    repo_id: str,
    report: str | os.PathLike = "",
    license: str = "other",
    data: str = "",
    private: bool = False,
) -> str:
    """Uploads a translator with its model card.

    Args:
        translator: knows its classes.
        repo_id: `user/name`; the repository is made where there is none.
        report: folder of `evaluate`, for numbers, protocol and sheet.
        license: of the weights, as the Hub names licences.
        data: a sentence on the images; empty takes what the report knows.
        private: make a new repository private.

    Returns:
        Address of the commit.

    Raises:
        UserError: no network, no right to write, or no such report.
    """
    repo_id = repo_id.removeprefix(HUB_PREFIX)
    _require_extra()
    _require_classes(translator)
    metrics = _metrics_of(report)
    facts = {
        "model": translator.config.model,
        "resolution": translator.config.resolution,
        "license": license,
        "data": data or data_sentence(metrics.get("protocol") or {}),
    }
    with tempfile.TemporaryDirectory() as folder, _told(repo_id):
        _fill(pathlib.Path(folder), translator, repo_id, report, facts)
        api = huggingface_hub.HfApi(library_name="deepi2i_tf")
        api.create_repo(repo_id, private=private, exist_ok=True)
        made = api.upload_folder(repo_id=repo_id, folder_path=folder)
    return str(made.commit_url)


def _fill(
    folder: pathlib.Path,
    translator: BaseTranslator,
    repo_id: str,
    report: str | os.PathLike,
    facts: dict[str, object],
) -> None:
    """Writes what goes to the Hub: model, card, and of a report its files."""
    translator.save(folder / MODEL_FILE)
    sheet = ""
    if report:
        sheet = _copied(pathlib.Path(report) / TRANSLATIONS_FILE, folder)
        _copied(pathlib.Path(report) / METRICS_FILE, folder)
    card = model_card(repo_id, translator.class_names, facts, report, sheet)
    (folder / CARD_FILE).write_text(card, encoding="utf-8")


def download(address: str) -> pathlib.Path:
    """The `.keras` file of a repository, in the cache of `huggingface_hub`.

    Args:
        address: `hf://user/name`, or `hf://user/name@revision`.

    Raises:
        UserError: no network, a private repository, or one of something else.
    """
    _require_extra()
    repo_id, _, revision = address.removeprefix(HUB_PREFIX).partition("@")
    with _told(repo_id):
        return pathlib.Path(
            huggingface_hub.hf_hub_download(
                repo_id,
                MODEL_FILE,
                revision=revision or None,
                library_name="deepi2i_tf",
            )
        )


@contextmanager
def _told(repo_id: str) -> Iterator[None]:
    """Tells what the Hub or the way there refuses, in one sentence."""
    endpoint = constants.ENDPOINT
    try:
        yield
    except errors.HFValidationError as error:
        raise UserError(
            f"Expected a repository as user/name. Received: {repo_id!r}. "
            "Write for example hf://user/animals."
        ) from error
    except errors.RepositoryNotFoundError as error:  # gated ones, too
        raise UserError(
            f"Expected {repo_id} at {endpoint} to be a repository that you "
            "may read. Received: none of this name, or a private one. Check "
            "the name, or log in: hf auth login."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise UserError(
            f"Expected a revision of {repo_id}. Received: one that it does "
            "not have. Leave it out for the newest."
        ) from error
    except errors.RemoteEntryNotFoundError as error:
        raise UserError(
            f"Expected {repo_id} to hold a {MODEL_FILE}. Received: a "
            "repository of something else. Upload with push_to_hub."
        ) from error
    except errors.HfHubHTTPError as error:
        code = getattr(error.response, "status_code", "no answer")
        raise UserError(
            f"Expected {endpoint} to take the request for {repo_id}. "
            f"Received: {code}. Log in with the right to write there: hf auth "
            "login; or try again later."
        ) from error
    except (errors.LocalEntryNotFoundError, ConnectionError, OSError) as error:
        raise _no_network(endpoint, repo_id, error) from error
    except Exception as error:
        # Of the HTTP client below, which is not one of this package's.
        if type(error).__module__.partition(".")[0] not in ("httpx", "httpx2"):
            raise
        raise _no_network(endpoint, repo_id, error) from error


def _no_network(endpoint: str, repo_id: str, error: Exception) -> UserError:
    return UserError(
        f"Expected to reach {endpoint} for {repo_id}, which is not kept here. "
        f"Received: {type(error).__name__}. Check the network, or "
        "HF_ENDPOINT."
    )


def _require_extra() -> None:
    if huggingface_hub is None:
        raise UserError(
            "Expected huggingface_hub for hf:// addresses. Received: none "
            "installed. Run pip install 'deepi2i_tf[hub]'."
        )


def _require_classes(translator: BaseTranslator) -> None:
    names = getattr(translator, "class_names", ())
    if not isinstance(translator, BaseTranslator) or not names:
        raise UserError(
            "Expected a Translator that knows its classes. Received: a "
            f"{type(translator).__name__} with {len(names)} names. Give "
            "model.averaged after a fit, or one from load_translator."
        )


def _metrics_of(report: str | os.PathLike) -> dict:
    if not report:
        return {}
    metrics = read_json(os.path.join(report, METRICS_FILE))
    if not metrics:
        raise UserError(
            f"Expected a report in {report}. Received: a folder without "
            f"{METRICS_FILE}. Run evaluate first, or leave it out."
        )
    return metrics


def _copied(file: pathlib.Path, folder: pathlib.Path) -> str:
    """The name of a file that was copied, or nothing where there is none."""
    if not file.is_file():
        return ""
    shutil.copy(file, folder / file.name)
    return file.name
