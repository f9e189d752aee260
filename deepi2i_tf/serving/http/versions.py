"""Versions of the model: found, loaded, warmed, swapped under load.

As with TensorFlow Serving, a model is a folder of numbered versions, of which
the highest is served; a folder that is one version itself is served as that. A
new version takes over when it is warm, the old one goes when the rows that it
was given are done, and one that does not load leaves all as it was.
"""

import asyncio
import concurrent.futures
import contextlib
import dataclasses
import gc
import io
import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from PIL import Image
from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

from deepi2i_tf.serving.http.contract import Call, Signature, Tensor
from deepi2i_tf.serving.http.errors import Reason, Refused, shortened
from deepi2i_tf.serving.translator import (
    LoadedTranslator,
    ModelError,
    list_versions,
)
from deepi2i_tf.utils.errors import UserError

SAVED_MODEL_FILE = "saved_model.pb"
_LOG = logging.getLogger(__name__)
_MOST_ON_CPU = 16


@contextlib.contextmanager
def quick_start() -> Iterator[None]:
    """Leaves out two passes over the graphs that gain nothing on CPUs.

    TensorFlow optimizes a graph at its first call. Without these two that took
    a quarter less, and batches were as fast (32 px ch 16, 64 px ch 32); without
    any of its passes they were 4 to 11 % slower. On GPUs layout matters. The
    options are the process's, and change the last bits of a training, too:
    they end with the block.
    """
    if tf.config.list_physical_devices("GPU"):
        yield
        return
    before = tf.config.optimizer.get_experimental_options()
    passes = ("layout_optimizer", "constant_folding")
    tf.config.optimizer.set_experimental_options(dict.fromkeys(passes, False))
    try:
        yield
    finally:
        tf.config.optimizer.set_experimental_options(
            {name: before.get(name, True) for name in passes}
        )


class ModelVersion:
    """One exported model, loaded.

    Args:
        path: its folder.
        number: its version.

    Attributes:
        translator: the model; None once the version is closed.
        signatures: what can be called, by name.

    Raises:
        ModelError: the folder is no exported model, or damaged.
    """

    def __init__(self, path: str, number: int) -> None:
        self.path, self.number = path, number
        self.translator: LoadedTranslator | None = LoadedTranslator(
            path, required=()
        )
        self.class_names = self.translator.class_names
        self.signatures = {
            name: _signature_of(function)
            for name, function in self.translator.signatures.items()
        }
        self._on_gpu = bool(tf.config.list_physical_devices("GPU"))
        self._leases, self._retired = 0, False
        self._closed: Callable[[], None] = lambda: None

    @property
    def max_batch(self) -> int:
        """Rows of a batch that suit model and device."""
        size = self.translator.batch_size
        return size if self._on_gpu else min(_MOST_ON_CPU, size)

    def run(
        self, signature: str, inputs: Mapping[str, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Calls a signature.

        Args:
            signature: its name.
            inputs: arrays of as many rows each, by name.
        """
        function = self.translator.signatures[signature]
        rows = len(next(iter(inputs.values())))
        padded = 1 << (rows - 1).bit_length() if self._on_gpu else rows
        outputs = function(
            **{
                name: tf.convert_to_tensor(_padded(each, padded))
                for name, each in inputs.items()
            }
        )
        return {name: each.numpy()[:rows] for name, each in outputs.items()}

    def warm(self, calls: Iterable[Call] = ()) -> None:
        """Calls every signature, so that no client waits for a first time.

        A graph is made ready at its first call, most of which TensorFlow does
        on one core without Python's lock: the signatures take turns at once.
        On GPUs every batch has kernels to be chosen, too.

        Args:
            calls: that the model brings; the others are made of zeros.
        """
        by_name = {name: [] for name in self.signatures}
        for call in calls:
            by_name[call.signature].append(call.inputs)
        sizes = [1, self.max_batch] if self._on_gpu else [1]
        for name, brought in by_name.items():
            if self._on_gpu or not brought:
                signature = self.signatures[name]
                brought += [_blank_rows(signature, rows) for rows in sizes]

        def warm_one(name: str) -> None:
            for inputs in by_name[name]:
                self.run(name, inputs)

        with concurrent.futures.ThreadPoolExecutor() as threads:
            list(threads.map(warm_one, by_name))

    def signature_defs(self) -> dict[str, meta_graph_pb2.SignatureDef]:
        """The signatures as the SavedModel holds them."""
        model = saved_model_pb2.SavedModel()
        with open(os.path.join(self.path, SAVED_MODEL_FILE), "rb") as file:
            model.ParseFromString(file.read())
        return dict(model.meta_graphs[0].signature_def)

    @contextlib.contextmanager
    def lease(self) -> Iterator[None]:
        """Keeps the version loaded while the block runs."""
        self._leases += 1
        try:
            yield
        finally:
            self._leases -= 1
            self._close_if_free()

    def retire(self, closed: Callable[[], None]) -> None:
        """Unloads the version once its rows are done.

        Args:
            closed: called then.
        """
        self._retired, self._closed = True, closed
        self._close_if_free()

    def _close_if_free(self) -> None:
        if self._retired and not self._leases:
            self.translator = None
            self._closed()


@dataclasses.dataclass
class VersionState:
    """What is told of a version.

    Args:
        state: `"LOADING"`, `"AVAILABLE"`, `"UNLOADING"` or `"END"`.
        error: why it did not load.
        stamp: of the files that did not.
    """

    state: str
    error: str = ""
    stamp: tuple[int, int] | None = None

    def to_dict(self, number: int) -> dict[str, Any]:
        """As TensorFlow Serving tells it."""
        status = {"error_code": "OK", "error_message": ""}
        if self.error:
            status = {"error_code": "UNKNOWN", "error_message": self.error}
        return {
            "version": str(number),
            "state": self.state,
            "status": status,
        }


class Versions:
    """The versions of one model; used in the event loop's thread.

    Args:
        path: a version, or a folder of them.
        prepare: called in another thread with a version that was loaded, to
            warm it.
        changed: called with number and state when one changes.

    Attributes:
        current: the version that is served, if any.
        states: by number.

    Raises:
        UserError: the folder holds no version.
    """

    def __init__(
        self,
        path: str,
        prepare: Callable[[ModelVersion], None] = ModelVersion.warm,
        changed: Callable[[int, str], None] = lambda number, state: None,
    ) -> None:
        self.path, self._prepare, self._changed = path, prepare, changed
        self.current: ModelVersion | None = None
        self.states: dict[int, VersionState] = {}
        if not find_versions(path):
            raise UserError(
                "Expected --model to be an exported model, or a folder of "
                f"numbered versions of one. Received: {path}, which "
                + ("holds none." if os.path.isdir(path) else "is no folder.")
                + " Export one with deepi2i_tf.export."
            )

    def get(self, number: int | None = None) -> ModelVersion:
        """The version that is served.

        Raises:
            Refused: none is yet, or another one.
        """
        if self.current is None:
            raise Refused(
                Reason.NOT_READY,
                "Expected a model that is loaded and warm. Received: one that "
                "is not yet. Try again.",
                retry_after=1,
            )
        if number not in (None, self.current.number):
            raise Refused(
                Reason.NOT_FOUND,
                f"Expected version {self.current.number}, which is loaded. "
                f"Received: {number}. Ask for that, or for none.",
            )
        return self.current

    def status(self, number: int | None = None) -> list[dict[str, Any]]:
        """States as TensorFlow Serving tells them, the highest first.

        Args:
            number: of one version; None for all.

        Raises:
            Refused: there is no such version.
        """
        if number is not None and number not in self.states:
            known = ", ".join(map(str, sorted(self.states))) or "none yet"
            raise Refused(
                Reason.NOT_FOUND,
                f"Expected a version out of {known}. Received: {number}. "
                "Choose one.",
            )
        return [
            self.states[each].to_dict(each)
            for each in sorted(self.states, reverse=True)
            if number in (None, each)
        ]

    async def refresh(self) -> None:
        """Serves the highest version on the disk that loads.

        Without one, what is served stays.
        """
        # A network's disk may take its time.
        found = await asyncio.to_thread(find_versions, self.path)
        for number in sorted(found, reverse=True):
            if self.current and number == self.current.number:
                return
            state = self.states.get(number)
            stamp = _stamp(found[number])
            if state and state.error and state.stamp == stamp:
                continue
            if await self._load(number, found[number], stamp):
                return

    async def poll(self, seconds: float) -> None:
        """Refreshes for ever.

        Args:
            seconds: between two looks.
        """
        while True:
            await asyncio.sleep(seconds)
            try:
                await self.refresh()
            except Exception:  # the next look may be luckier
                _LOG.exception("could not look for versions in %s", self.path)

    async def _load(
        self, number: int, path: str, stamp: tuple[int, int]
    ) -> bool:
        self._tell(number, VersionState("LOADING"))
        try:
            version = await asyncio.to_thread(self._make, path, number)
        except Exception as error:  # TensorFlow raises nearly anything
            if not isinstance(error, ModelError):
                _LOG.exception("version %d", number)
            message = shortened(" ".join(str(error).split()))
            _LOG.error("version %d does not load: %s", number, message)
            message = message or type(error).__name__
            self._tell(number, VersionState("END", message, stamp))
            return False
        old, self.current = self.current, version
        self._tell(number, VersionState("AVAILABLE"))
        _LOG.info("version %d is served", number)
        if old:
            self._tell(old.number, VersionState("UNLOADING"))
            old.retire(lambda: self._unloaded(old.number))
        return True

    def _make(self, path: str, number: int) -> ModelVersion:
        before = gc.get_threshold()
        gc.set_threshold(50_000, 50, 100)  # a graph is many objects
        try:
            version = ModelVersion(path, number)
            self._prepare(version)
        finally:
            gc.set_threshold(*before)
        return version

    def _unloaded(self, number: int) -> None:
        self._tell(number, VersionState("END"))
        # Graphs are cycles, and by itself Python looks for old ones rarely.
        gc.collect()

    def _tell(self, number: int, state: VersionState) -> None:
        self.states[number] = state
        self._changed(number, state.state)


def find_versions(path: str) -> dict[int, str]:
    """The versions below a folder, or the one that it is: number -> folder.

    Example:
        >>> find_versions("exported/animals")
        {1: 'exported/animals/1', 2: 'exported/animals/2'}
    """
    if os.path.isfile(os.path.join(path, SAVED_MODEL_FILE)):
        name = os.path.basename(os.path.abspath(path))
        return {int(name) if name.isascii() and name.isdigit() else 1: path}
    return list_versions(path)


def metadata(version: ModelVersion, name: str) -> dict[str, Any]:
    """The answer to `/metadata`: protobuf's JSON of the signatures."""
    signatures = {
        key: json_format.MessageToDict(
            each,
            always_print_fields_with_no_presence=True,
            preserving_proto_field_name=True,
        )
        for key, each in version.signature_defs().items()
    }
    return {
        "model_spec": {
            "name": name,
            "signature_name": "",
            "version": str(version.number),
        },
        "metadata": {"signature_def": {"signature_def": signatures}},
    }


def _stamp(path: str) -> tuple[int, int]:
    """Changes with every file: one that was being copied is tried again."""
    newest = size = 0
    for folder, _, names in os.walk(path):
        for name in names:
            with contextlib.suppress(OSError):
                found = os.stat(os.path.join(folder, name))
                newest = max(newest, found.st_mtime_ns)
                size += found.st_size
    return newest, size


def _signature_of(function: Any) -> Signature:
    _, inputs = function.structured_input_signature
    return Signature(
        {name: _tensor_of(spec) for name, spec in inputs.items()},
        {
            name: _tensor_of(spec)
            for name, spec in function.structured_outputs.items()
        },
    )


def _tensor_of(spec: tf.TensorSpec) -> Tensor:
    # Shapes of rows: the first axis is the batch.
    shape = spec.shape.as_list()[1:] if spec.shape.rank else []
    return Tensor(spec.dtype.name, tuple(shape))


def _padded(array: np.ndarray, rows: int) -> np.ndarray:
    missing = rows - len(array)
    if not missing:
        return array
    return np.concatenate([array, np.repeat(array[-1:], missing, axis=0)])


def _blank_rows(signature: Signature, rows: int) -> dict[str, np.ndarray]:
    """Rows of zeros, and of black pictures where files are taken."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, "PNG")
    blank = {}
    for name, tensor in signature.inputs.items():
        if tensor.dtype == "string":
            blank[name] = np.array([buffer.getvalue()] * rows, object)
        else:
            blank[name] = np.zeros((rows, *tensor.shape), tensor.dtype)
    return blank
