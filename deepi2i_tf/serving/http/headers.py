"""Headers: which requests may come in, and what answers tell a browser."""

from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from deepi2i_tf.serving.http.errors import Reason, Refused, shown

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
SECURITY = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
NO_STORE = (b"cache-control", b"no-store")
_PORTS = {"http": 80, "https": 443}

RawHeaders = Iterable[tuple[bytes, bytes]]


def header(headers: RawHeaders, name: bytes) -> str | None:
    """The first value of a header."""
    for key, value in headers:
        if key == name:
            return value.decode("latin-1")
    return None


def content_length(headers: RawHeaders) -> int | None:
    """Bytes of the body by its header; None where that does not say.

    A request without body says neither length nor encoding: 0.
    """
    if header(headers, b"transfer-encoding") is not None:
        return None
    length = header(headers, b"content-length")
    return int(length) if length and length.isdigit() else 0


def check_host(headers: RawHeaders, hosts: Collection[str]) -> None:
    """Stops DNS rebinding: a foreign name that was made to lead here.

    Args:
        headers: of the request.
        hosts: names that `Host` may bear, in lower case, without ports.

    Raises:
        Refused: another name, or none.
    """
    host = header(headers, b"host")
    name, _ = _split(f"//{host}")
    if name is None or name not in hosts:
        raise Refused(
            Reason.WRONG_HOST,
            f"Expected the header Host to be one of {', '.join(hosts)}. "
            f"Received: {shown(host)}. Use one of them, or start the server "
            "with --hosts.",
        )


def check_origin(headers: RawHeaders) -> None:
    """Refuses what a page of another site sends.

    A proxy in front has to hand on `Host` as it came.

    Raises:
        Refused: `Origin` is not this site.
    """
    origin = header(headers, b"origin")
    if origin is None:
        return
    scheme = origin.partition(":")[0].lower()
    name, port = _split(origin)
    own_name, own_port = _split(f"//{header(headers, b'host')}")
    default = _PORTS.get(scheme)
    same = name == own_name and (port or default) == (own_port or default)
    if name is None or not same:
        raise Refused(
            Reason.FOREIGN_ORIGIN,
            "Expected a request of this site's own page. Received: the "
            f"Origin {shown(origin)}. A proxy in front must hand on Host.",
        )


def _split(address: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(address)
        return parts.hostname, parts.port
    except ValueError:
        return None, None
