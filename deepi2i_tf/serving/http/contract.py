"""TensorFlow Serving's REST contract: paths, and JSON <-> arrays.

https://www.tensorflow.org/tfx/serving/api_rest. Rows ("instances") are
answered by "predictions", columns ("inputs") by "outputs"; one output is not
wrapped in its name; strings of names that end in `_bytes` are
`{"b64": "..."}`. Knows neither HTTP nor TensorFlow.
"""

import base64
import binascii
import dataclasses
import itertools
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from deepi2i_tf.serving.http.errors import Reason, Refused, shown

DEFAULT_SIGNATURE = "serving_default"
_MODEL = r"/v1/models/(?P<name>[^/:]+)"
_VERSION = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_ASKED = re.compile(
    rf"{_MODEL}{_VERSION}(?:/(?P<what>metadata))?", re.IGNORECASE | re.ASCII
)
_CALLED = re.compile(
    rf"{_MODEL}{_VERSION}:(?P<what>predict|classify|regress)",
    re.IGNORECASE | re.ASCII,
)
_BOUNDS = {"int32": 2**31, "int64": 2**63}


@dataclasses.dataclass(frozen=True)
class Tensor:
    """One input or output of a signature.

    Args:
        dtype: `"int32"`, `"int64"`, `"float32"` or `"string"`.
        shape: of one row.
    """

    dtype: str
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Signature:
    """A function of the model; every tensor has a row for each example."""

    inputs: Mapping[str, Tensor]
    outputs: Mapping[str, Tensor]


@dataclasses.dataclass(frozen=True)
class Target:
    """What a path below `/v1/` names.

    Args:
        what: `"status"`, `"metadata"`, `"predict"`, `"classify"` or
            `"regress"`.
        name: of the model.
        version: None for the highest that is loaded.
    """

    what: str
    name: str
    version: int | None


@dataclasses.dataclass(frozen=True)
class Call:
    """A call of a signature.

    Args:
        signature: its name.
        inputs: arrays of as many rows each, by name.
        by_rows: whether the client sent rows, and gets rows.
    """

    signature: str
    inputs: Mapping[str, np.ndarray]
    by_rows: bool

    @property
    def rows(self) -> int:
        """How many examples."""
        return len(next(iter(self.inputs.values())))


def parse_path(method: str, path: str) -> Target:
    """What a request below `/v1/` asks for.

    Raises:
        Refused: nothing that there is.
    """
    pattern = {"GET": _ASKED, "POST": _CALLED}.get(method)
    found = pattern and pattern.fullmatch(path)
    if not found:
        asked = ascii(f"{method} {path}")[1:-1]
        raise Refused(Reason.INVALID, f"Malformed request: {asked[:300]}")
    if label := found["label"]:
        raise Refused(
            Reason.NOT_FOUND,
            "Expected a version by number. Received: the label "
            f"{shown(label)}; no labels are set. Use /versions/1.",
        )
    version = found["version"]
    what = (found["what"] or "status").lower()
    # Python refuses to read numbers of thousands of digits.
    return Target(what, found["name"], int(version[:30]) if version else None)


def parse_call(body: bytes, signatures: Mapping[str, Signature]) -> Call:
    """Reads the body of a `:predict` request.

    Raises:
        Refused: not JSON, or not what a signature takes.
    """
    request = _parse_json(body)
    if not isinstance(request, dict):
        raise _invalid("a JSON object", request, "Send {...}.")
    name = request.get("signature_name", DEFAULT_SIGNATURE)
    if name == "":
        name = DEFAULT_SIGNATURE
    signature = find_signature(name, signatures)
    by_rows = "instances" in request
    if by_rows == ("inputs" in request):
        raise Refused(
            Reason.INVALID,
            'Expected either "instances" (rows) or "inputs" (columns). '
            f"Received: {'both' if by_rows else 'neither'}. Send one.",
        )
    if by_rows:
        columns = _columns_of_rows(request["instances"], signature)
    else:
        columns = _columns(request["inputs"], signature)
    inputs = {
        name: _array(name, values, signature.inputs[name])
        for name, values in columns.items()
    }
    check_inputs(inputs, signature)
    return Call(name, inputs, by_rows)


def find_signature(
    name: object, signatures: Mapping[str, Signature]
) -> Signature:
    """A signature by its name.

    Raises:
        Refused: unknown; all are named.
    """
    if isinstance(name, str) and name in signatures:
        return signatures[name]
    known = ", ".join(signatures)
    raise _invalid(f"a signature out of {known}", name, "Choose one.")


def check_inputs(
    inputs: Mapping[str, np.ndarray], signature: Signature
) -> None:
    """Refuses arrays that a signature does not take.

    Raises:
        Refused: a name, type, shape or length is wrong, or a number not
            finite.
    """
    _check_names(inputs, signature)
    counts = {name: len(each) for name, each in inputs.items() if each.ndim}
    for name, tensor in signature.inputs.items():
        array = inputs[name]
        if array.ndim == 0 or array.shape[1:] != tensor.shape:
            raise Refused(
                Reason.INVALID,
                f"Expected {name} of shape "
                f"{_shape_text(tensor.shape)}. Received: "
                f"{list(array.shape)}. Correct it.",
            )
        if tensor.dtype == "float32" and not np.isfinite(array).all():
            raise Refused(
                Reason.INVALID,
                f"Expected finite numbers in {name}. Received: NaN, infinity "
                "or a number too large for float32. Correct them.",
            )
    if len(set(counts.values())) > 1:
        listed = ", ".join(f"{n} {name}" for name, n in counts.items())
        raise Refused(
            Reason.INVALID,
            f"Expected as many rows of every input. Received: {listed}. "
            "Send one of each for every picture.",
        )
    if not next(iter(counts.values())):
        raise Refused(
            Reason.INVALID,
            "Expected at least one row. Received: none. Send one.",
        )


def answer(call: Call, outputs: Mapping[str, np.ndarray]) -> bytes:
    """The JSON of a `:predict` answer."""
    listed = {name: _listed(name, each) for name, each in outputs.items()}
    if len(listed) == 1:
        (values,) = listed.values()
    elif call.by_rows:
        values = [
            dict(zip(listed, row, strict=True))
            for row in zip(*listed.values(), strict=True)
        ]
    else:
        values = listed
    key = "predictions" if call.by_rows else "outputs"
    return to_json({key: values})


def to_json(value: object) -> bytes:
    """JSON in ASCII, without blanks."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    # RecursionError: thousands of brackets.
    except (ValueError, RecursionError) as error:
        raise Refused(
            Reason.INVALID,
            f"Expected JSON. Received: {shown(str(error))[1:-1]}. Correct it.",
        ) from error


def _columns_of_rows(
    instances: Any, signature: Signature
) -> dict[str, list[Any]]:
    if not isinstance(instances, list) or not instances:
        raise _invalid(
            'a list of at least one row as "instances"', instances, "Send one."
        )
    names = signature.inputs
    if len(names) == 1 and not _is_named(instances[0], names):
        return {next(iter(names)): instances}
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for row in instances:
        if not isinstance(row, dict):
            expected = ", ".join(names)
            raise _invalid(f"rows with {expected}", row, "Send objects.")
        _check_names(row, signature)
        for name, values in columns.items():
            values.append(row[name])
    return columns


def _columns(inputs: Any, signature: Signature) -> dict[str, Any]:
    names = signature.inputs
    if len(names) == 1 and not _is_named(inputs, names):
        return {next(iter(names)): inputs}
    if not isinstance(inputs, dict):
        expected = ", ".join(names)
        raise _invalid(
            f'an object with {expected} as "inputs"', inputs, "Send it."
        )
    _check_names(inputs, signature)
    return {name: inputs[name] for name in names}


def _is_named(value: Any, names: Iterable[str]) -> bool:
    """Whether a value is an object of inputs, not the only input itself."""
    return isinstance(value, dict) and set(value) == set(names)


def _check_names(given: Iterable[str], signature: Signature) -> None:
    if set(given) != set(signature.inputs):
        expected = ", ".join(sorted(signature.inputs))
        received = ", ".join(sorted(map(str, given))) or "none"
        raise Refused(
            Reason.INVALID,
            f"Expected the inputs {expected}. Received: "
            f"{shown(received)[1:-1]}. Send these.",
        )


def _array(name: str, values: Any, tensor: Tensor) -> np.ndarray:
    if not isinstance(values, list):
        raise _invalid(f"a list of {name}", values, "Send [...].")
    if tensor.dtype == "string":
        return _strings(name, values)
    _check_types(name, values, tensor)
    try:
        array = np.array(values)
    except (ValueError, OverflowError) as error:
        raise _ragged(name, tensor) from error
    if array.dtype == object or array.dtype.kind == "u":  # beyond int64
        raise _out_of_range(name, tensor)
    if tensor.dtype in _BOUNDS and array.size:
        bound = _BOUNDS[tensor.dtype]
        if array.min() < -bound or array.max() >= bound:
            raise _out_of_range(name, tensor)
    with np.errstate(over="ignore"):  # becomes infinite, and is refused
        return array.astype(tensor.dtype)


def _check_types(name: str, values: list[Any], tensor: Tensor) -> None:
    """JSON's true is no 1, and its "1" no number."""
    for _ in tensor.shape:
        if not all(type(each) is list for each in values):
            raise _ragged(name, tensor)
        values = list(itertools.chain.from_iterable(values))
    allowed = {int} if tensor.dtype in _BOUNDS else {int, float}
    if wrong := set(map(type, values)) - allowed:
        if list in wrong:
            raise _ragged(name, tensor)
        value = next(each for each in values if type(each) in wrong)
        raise _invalid(f"{tensor.dtype} in {name}", value, "Correct it.")


def _strings(name: str, values: list[Any]) -> np.ndarray:
    array = np.empty(len(values), object)
    for index, value in enumerate(values):
        array[index] = _bytes_of(name, value)
    return array


def _bytes_of(name: str, value: Any) -> bytes:
    expected = f'{name} as {{"b64": "..."}}'
    fix = "Encode the file's bytes in base64."
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace")
    if not isinstance(value, dict) or set(value) != {"b64"}:
        raise _invalid(expected, value, fix)
    text = value["b64"]
    if not isinstance(text, str):
        raise _invalid(expected, value, fix)
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        pass  # Line breaks and missing padding are allowed, too.
    text = "".join(text.split()).rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise _invalid(expected, text, fix) from error


def _listed(name: str, array: np.ndarray) -> list[Any]:
    if array.dtype != object:
        return array.tolist()
    if name.endswith("_bytes"):
        return [{"b64": base64.b64encode(e).decode("ascii")} for e in array]
    return [each.decode("utf-8", "replace") for each in array]


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"[rows{''.join(f', {size}' for size in shape)}]"


def _invalid(expected: str, received: Any, fix: str) -> Refused:
    return Refused(
        Reason.INVALID,
        f"Expected {expected}. Received: {_summary(received)}. {fix}",
    )


def _summary(value: Any) -> str:
    """A JSON value in a sentence; long ones would cost time to print."""
    if isinstance(value, list | dict):
        kind = "a list" if isinstance(value, list) else "an object"
        return f"{kind} of {len(value)}" if value else f"an empty {kind[2:]}"
    if isinstance(value, str):
        return shown(value[:80])
    # A number of thousands of digits cannot be printed.
    return shown(value) if not isinstance(value, int) else _number(value)


def _number(value: int) -> str:
    return str(value) if value.bit_length() < 200 else "a very large number"


def _ragged(name: str, tensor: Tensor) -> Refused:
    return Refused(
        Reason.INVALID,
        f"Expected {name} of shape {_shape_text(tensor.shape)}. Received: "
        "lists of other depths or lengths. Correct them.",
    )


def _out_of_range(name: str, tensor: Tensor) -> Refused:
    return Refused(
        Reason.INVALID,
        f"Expected {tensor.dtype} in {name}. Received: a number beyond its "
        "range. Correct it.",
    )
