"""Tests of deepi2i_tf/serving/http/headers.py."""

import pytest

from deepi2i_tf.config.commands import LOOPBACK
from deepi2i_tf.serving.http import headers
from deepi2i_tf.serving.http.errors import Refused


def raw(**named):
    return [(k.encode(), v.encode("latin-1")) for k, v in named.items()]


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8501", "127.0.0.1:80", "[::1]:8501"]
)
def test_hosts_that_are_this_machine(host):
    headers.check_host(raw(host=host), LOOPBACK)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "", "[", "a:b:c", "\xff", "*"],
)
def test_other_hosts_are_misdirected(host):
    with pytest.raises(Refused) as caught:
        headers.check_host(raw(host=host), LOOPBACK)
    assert caught.value.reason.status == 421
    with pytest.raises(Refused):
        headers.check_host([], LOOPBACK)


@pytest.mark.parametrize(
    "origin, host",
    [
        ("http://localhost:8501", "localhost:8501"),
        ("https://animals.example", "animals.example"),
        ("https://animals.example", "animals.example:443"),
        ("http://[::1]:8501", "[::1]:8501"),
    ],
)
def test_the_own_page_may_send(origin, host):
    headers.check_origin(raw(origin=origin, host=host))
    headers.check_origin(raw(host=host))


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://localhost:3000",
        "http://localhost",
        "null",
        "",
        "http://localhost:8501.evil.example",
        "http://[",
    ],
)
def test_other_sites_may_not(origin):
    with pytest.raises(Refused) as caught:
        headers.check_origin(raw(origin=origin, host="localhost:8501"))
    assert caught.value.reason.status == 403


def test_lengths():
    assert headers.content_length([]) == 0
    assert headers.content_length([(b"content-length", b"12")]) == 12
    assert headers.content_length([(b"transfer-encoding", b"chunked")]) is None
