"""The ASGI application: TensorFlow Serving's routes, health, and the page.

Whatever a request runs into leaves as `{"error": "<sentence>"}`; a defect as
500 with a number that stands in the log, too.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import AsyncIterator, Collection, Coroutine, Mapping
from typing import Any

import numpy as np
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deepi2i_tf.serving.http import contract, headers, metrics, versions
from deepi2i_tf.serving.http.errors import Reason, Refused, refusal_of
from deepi2i_tf.serving.http.page import Page, PageFiles
from deepi2i_tf.serving.http.service import Service

JSON = "application/json"
_LOG = logging.getLogger(__name__)
_HEALTH = ("/healthz", "/readyz")
_METRICS = "/monitoring/prometheus/metrics"
# Labels of the metrics; none is taken from a client.
_ROUTES = {"/", "/app/model", "/app/translate", *_HEALTH, _METRICS}
_LINGER_SECONDS = 2.0
_MOST_NUMBERS = 20_000


def build_app(service: Service, hosts: Collection[str]) -> ASGIApp:
    """The application."""
    page = Page(service, body_of)
    model = _ModelRoutes(service)
    return Starlette(
        routes=[
            Route("/healthz", _healthz),
            Route("/readyz", model.readyz),
            Route(_METRICS, model.metrics),
            Route("/app/model", page.model),
            Route("/app/translate", page.translate, methods=["POST"]),
            *PageFiles().routes(),
            Route("/{path:path}", _Rest(service, model)),
        ],
        middleware=[Middleware(_Gate, service=service, hosts=hosts)],
    )


async def _healthz(request: Request) -> Response:
    return PlainTextResponse("ok\n")


class _ModelRoutes:
    """The routes of a model."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def readyz(self, request: Request) -> Response:
        if self._service.ready:
            return PlainTextResponse("ready\n")
        return PlainTextResponse("not ready\n", 503)

    async def metrics(self, request: Request) -> Response:
        # Text of some kilobytes; no model is called for it.
        text = self._service.metrics.text()
        return Response(text, headers={"content-type": metrics.CONTENT_TYPE})

    async def answer(
        self, target: contract.Target, scope: Scope, receive: Receive
    ) -> Response:
        """What TensorFlow Serving would answer."""
        service = self._service
        if target.what == "status":
            if target.name != service.name:
                service.require_model(target.name)
            states = service.versions.status(target.version)
            return _json({"model_version_status": states})
        version = service.require_model(target.name, target.version)
        if target.what == "metadata":
            return _json(versions.metadata(version, service.name))
        if target.what != "predict":
            raise Refused(
                Reason.INVALID,
                "Expected a signature for classification or regression. "
                "Received: a model whose signatures are of the kind predict. "
                "Use :predict.",
            )
        return await self._predict(target, scope, receive)

    async def _predict(
        self, target: contract.Target, scope: Scope, receive: Receive
    ) -> Response:
        service = self._service
        place = service.admit()
        try:
            async with body_of(service, scope, receive) as body:
                # The version that is served now, not when the body began.
                version = service.require_model(target.name, target.version)
                with version.lease():
                    call = await service.parse(body, version)
                    outputs = await unless_gone(
                        receive, service.run(place, version, call)
                    )
            content = await service.aside(
                lambda: contract.answer(call, outputs), _is_long(outputs)
            )
        finally:
            place.release()
        answer = Response(content, media_type=JSON)
        answer.raw_headers.append(headers.NO_STORE)
        return answer


class _Rest:
    """All other paths: those below /v1/ in any case, and unknown ones."""

    def __init__(self, service: Service, model: _ModelRoutes) -> None:
        self._service, self._model = service, model

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        path, method = scope["path"], scope["method"]
        reads = method in ("GET", "HEAD")
        if path in _ROUTES or (path.startswith("/static/") and not reads):
            raise Refused(
                Reason.METHOD,
                "Expected another method on this path. Received: one that it "
                "does not have. Use GET, or POST for /app/translate.",
            )
        if not f"{path.lower()}/".startswith("/v1/"):
            raise Refused(
                Reason.NOT_FOUND,
                "Expected a path of this server. Received: another. "
                f"Try / or /v1/models/{self._service.name}.",
            )
        method = "GET" if method == "HEAD" else method
        target = contract.parse_path(method, path)
        response = await self._model.answer(target, scope, receive)
        await response(scope, receive, send)


class _Gate:
    """Around everything: who may come in, errors, headers, metrics."""

    def __init__(
        self, app: ASGIApp, service: Service, hosts: Collection[str]
    ) -> None:
        self._app, self._service = app, service
        self._hosts = tuple(host.lower() for host in hosts)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin, status = time.monotonic(), 500
        started = False

        async def send_on(message: Message) -> None:
            nonlocal started, status
            if message["type"] == "http.response.start":
                started, status = True, message["status"]
                message["headers"] = [*message["headers"], *headers.SECURITY]
            await send(message)

        try:
            await self._checked(scope, receive, send_on)
        except Exception as error:
            refused = self._refusal(error)
            if not started:
                await self._refuse(refused, scope, receive, send_on)
            elif refused.reason is not Reason.CLIENT_GONE:
                raise  # half an answer: the connection has to end
        finally:
            measured = self._service.metrics
            route = _route_label(scope["path"])
            measured.requests.labels(route, str(status)).inc()
            measured.request_seconds.observe(time.monotonic() - begin)

    async def _checked(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        # Probes come by address.
        if scope["path"] not in _HEALTH:
            headers.check_host(scope["headers"], self._hosts)
        if scope["method"] not in ("GET", "HEAD"):
            headers.check_origin(scope["headers"])
        await self._app(scope, receive, send)

    def _refusal(self, error: Exception) -> Refused:
        if refused := refusal_of(error):
            return refused
        number = uuid.uuid4().hex[:8]
        _LOG.error("error %s", number, exc_info=error)
        return Refused(
            Reason.INTERNAL,
            "Expected no error inside the server. Received: number "
            f"{number}. Look for it in the server's log.",
        )

    async def _refuse(
        self, refused: Refused, scope: Scope, receive: Receive, send: Send
    ) -> None:
        reason = refused.reason
        self._service.metrics.refused.labels(reason.label).inc()
        status = reason.status
        if reason is Reason.BUSY:
            status = self._service.options.overload_code
        answer = _json({"error": refused.sentence}, status)
        if refused.retry_after:
            answer.headers["retry-after"] = str(refused.retry_after)
        if reason is Reason.METHOD:
            posted = scope["path"] == "/app/translate"
            answer.headers["allow"] = "POST" if posted else "GET, HEAD"
        length = headers.content_length(scope["headers"])
        unwanted = length is None or length > self._service.max_request
        if refused.close or unwanted:
            answer.headers["connection"] = "close"
            await _send_and_linger(answer, receive, send)
        else:
            await answer(scope, receive, send)


def _is_long(outputs: Mapping[str, np.ndarray]) -> bool:
    """Whether writing numbers as JSON would hold up the loop."""
    return sum(each.size for each in outputs.values()) > _MOST_NUMBERS


def _route_label(path: str) -> str:
    if path in _ROUTES:
        return path
    if path.startswith("/static/"):
        return "/static"
    lowered = path.lower()
    if lowered.startswith("/v1/"):
        for what in (":predict", "/metadata"):
            if lowered.endswith(what):
                return what[1:]
        return "/v1"
    return "other"


def _json(value: Any, status: int = 200) -> Response:
    return Response(contract.to_json(value), status, media_type=JSON)


@contextlib.asynccontextmanager
async def body_of(
    service: Service, scope: Scope, receive: Receive
) -> AsyncIterator[bytes]:
    """The whole body; what it holds of the memory is held within the block.

    Args:
        service: has the bounds.
        scope: of the request.
        receive: of the request.
    """
    body = service.body()
    with body.announced(headers.content_length(scope["headers"])):
        yield await body.read(_chunks(receive))


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(Reason.CLIENT_GONE, "The client went.")
        if chunk := message.get("body", b""):
            yield chunk
        if not message.get("more_body", False):
            return


async def unless_gone(receive: Receive, work: Coroutine) -> Any:
    """The result of work, which is cancelled when the client goes.

    Args:
        receive: of a request whose body has been read.
        work: a coroutine.

    Raises:
        Refused: the client went.
    """
    working = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_gone(receive))
    try:
        await asyncio.wait(
            (working, watching), return_when=asyncio.FIRST_COMPLETED
        )
        if working.done():
            return working.result()
        raise Refused(Reason.CLIENT_GONE, "The client went.")
    finally:
        watching.cancel()
        working.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_and_linger(
    answer: Response, receive: Receive, send: Send
) -> None:
    """Sends an answer and goes on reading for a moment.

    A connection that is closed while the client still sends is reset, and the
    client may never see the answer.
    """
    await send(
        {
            "type": "http.response.start",
            "status": answer.status_code,
            "headers": answer.raw_headers,
        }
    )
    part = {"type": "http.response.body"}
    await send({**part, "body": answer.body, "more_body": True})
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LINGER_SECONDS):
            while True:
                message = await receive()
                ended = not message.get("more_body", False)
                if message["type"] == "http.disconnect" or ended:
                    break
    await send({**part, "body": b"", "more_body": False})
