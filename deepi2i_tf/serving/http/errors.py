"""Refusals of the server, and what TensorFlow's errors mean for a client.

Each reason has one HTTP status and one gRPC code, those of TensorFlow
Serving's own table but for a full queue (429, docs/serving.md). TensorFlow's
errors are known by their `error_code`, the canonical numbers that gRPC shares,
so that this file needs neither.
"""

import enum
import re

_ASSERTION = re.compile(r"assertion failed: (.*)", re.DOTALL)
_NODES = re.compile(r"\s*\[\[\{\{node .*|\s*\[Op:\S*\]\s*$", re.DOTALL)
_DETECTED = re.compile(
    r"^Graph execution error:\s*(Detected at node .*?\n"
    r"(<stack traces unavailable>\n)?)?",
    re.DOTALL,
)
_MOST_CHARACTERS = 500


class Reason(enum.Enum):
    """Why a request is refused: HTTP status, gRPC code, label of the metrics.

    Args:
        status: HTTP status code.
        grpc_code: name of the `grpc.StatusCode`.
        label: value of the label `reason`.
    """

    INVALID = 400, "INVALID_ARGUMENT", "invalid"
    FOREIGN_ORIGIN = 403, "PERMISSION_DENIED", "origin"
    NOT_FOUND = 404, "NOT_FOUND", "not_found"
    METHOD = 405, "UNIMPLEMENTED", "method"
    SLOW_BODY = 408, "DEADLINE_EXCEEDED", "slow_body"
    TOO_LARGE = 413, "RESOURCE_EXHAUSTED", "too_large"
    CONTENT_TYPE = 415, "INVALID_ARGUMENT", "content_type"
    WRONG_HOST = 421, "INVALID_ARGUMENT", "host"
    BUSY = 429, "RESOURCE_EXHAUSTED", "busy"
    CLIENT_GONE = 499, "CANCELLED", "client_gone"
    INTERNAL = 500, "INTERNAL", "internal"
    NOT_READY = 503, "UNAVAILABLE", "not_ready"
    TIMEOUT = 504, "DEADLINE_EXCEEDED", "timeout"

    def __init__(self, status: int, grpc_code: str, label: str) -> None:
        self.status = status
        self.grpc_code = grpc_code
        self.label = label


class Refused(Exception):
    """A request that is refused, in one sentence.

    Args:
        reason: decides over the codes.
        sentence: what was expected, what came, what to do.
        retry_after: seconds after which to try again, if that may help.
        close: whether the connection must end, because the rest of the body
            is not wanted.
    """

    def __init__(
        self,
        reason: Reason,
        sentence: str,
        retry_after: int | None = None,
        close: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.reason = reason
        self.sentence = sentence
        self.retry_after = retry_after
        self.close = close


# Canonical codes that the client caused; all others are INTERNAL.
_REASONS = {
    3: Reason.INVALID,  # INVALID_ARGUMENT
    11: Reason.INVALID,  # OUT_OF_RANGE
    12: Reason.INVALID,  # UNIMPLEMENTED: a picture of an unknown kind
}


def refusal_of(error: BaseException) -> Refused | None:
    """The refusal that an error of the model is; None for a defect."""
    if isinstance(error, Refused):
        return error
    reason = _REASONS.get(getattr(error, "error_code", None))
    if reason is None:
        return None
    return Refused(reason, sentence_of(str(error)))


def sentence_of(message: str) -> str:
    r"""What a TensorFlow error says, without graph, node and operation.

    Examples:
        >>> sentence_of("Graph execution error:\n\nassertion failed: "
        ...             "[Expected a class in 0..7. Received:] [30]")
        'Expected a class in 0..7. Received: 30'
    """
    text = _NODES.sub("", _DETECTED.sub("", message))
    if found := _ASSERTION.search(text):
        # Each part of an Assert stands in brackets of its own.
        text = re.sub(r"\]\s+\[", " ", found.group(1).strip())
        text = text.removeprefix("[").removesuffix("]")
    elif not text.startswith("Expected"):
        text = f"Expected inputs that the model can read. Received: {text}"
    return shortened(" ".join(text.split()))


def shortened(text: str, most: int = _MOST_CHARACTERS) -> str:
    """A text that is cut where it is long."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def shown(value: object) -> str:
    """A client's value in a sentence: short, printable ASCII."""
    return shortened(ascii(value), 80)
