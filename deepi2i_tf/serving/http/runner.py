"""Runs the application under uvicorn, in one process, from start to signal.

Binds first, so that `/healthz` answers while the model loads. SIGTERM or
SIGINT: `/readyz` says 503, after `--drain_seconds` no new connection is taken,
what was admitted is finished, and the process ends with 0; a second signal
ends it at once.
"""

import asyncio
import contextlib
import logging
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
)

from deepi2i_tf.config.commands import ServeOptions
from deepi2i_tf.serving.http import contract
from deepi2i_tf.serving.http.app import build_app
from deepi2i_tf.serving.http.rpc import RpcServer, warm_by_requests
from deepi2i_tf.serving.http.service import Service
from deepi2i_tf.serving.http.versions import quick_start
from deepi2i_tf.utils.errors import UserError

FINISH_SECONDS = 20.0
# Longer than a balancer keeps a connection that it may use again.
KEEP_ALIVE_SECONDS = 75
_HEAD_SECONDS = 10.0
_MOST_HEAD_BYTES = 32 * 1024
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def serve(options: ServeOptions) -> None:
    """Serves a model until a signal comes.

    Raises:
        UserError: no model, none that loads, or a port in use.
    """
    logging.basicConfig(
        format="%(asctime)s %(levelname)s %(message)s",
        stream=sys.stderr,
        force=True,  # absl's own, which TensorFlow brings, stands there
    )
    logging.getLogger("deepi2i_tf").setLevel(logging.INFO)
    with quick_start():
        server = ModelServer(options)
        factory = server.config.get_loop_factory()
        with asyncio.Runner(loop_factory=factory) as loop:
            loop.run(server.run())


class ModelServer(uvicorn.Server):
    """uvicorn's server, with a model, gRPC and other signals.

    Attributes:
        service: the model.
        port: of REST and page.
        grpc_port: 0 where none is open.

    Raises:
        UserError: no model, or a port in use.
    """

    def __init__(self, options: ServeOptions) -> None:
        self.service = Service(options, warm_by_requests)
        self._listening = _listen(options.host, options.port)
        self.port = self._listening.getsockname()[1]
        self.grpc_port = 0
        self._rpc: RpcServer | None = None
        self._draining: asyncio.Task | None = None
        super().__init__(
            uvicorn.Config(
                build_app(self.service, options.all_hosts),
                http=_protocol(options.max_connections),
                ws="none",
                lifespan="off",
                log_config=None,
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=int(FINISH_SECONDS),
            )
        )

    async def run(self) -> None:
        """Everything from start to end.

        Raises:
            UserError: no version loads, or the port of gRPC is in use.
        """
        with self._listening:
            if self.service.options.grpc:
                self._rpc = _rpc_server(self.service)
                self.grpc_port = self._rpc.port
                await self._rpc.start()
            await self._run()

    async def _run(self) -> None:
        serving = asyncio.create_task(self.serve([self._listening]))
        loading = asyncio.create_task(self._load())
        try:
            await asyncio.wait(
                (serving, loading), return_when=asyncio.FIRST_COMPLETED
            )
            if loading.done():
                loading.result()
            await serving
        finally:
            loading.cancel()
            self.should_exit = True
            await asyncio.wait((serving, loading))
            await asyncio.to_thread(self.service.stop)

    def request_stop(self) -> None:
        """Begins the end, as the first signal does; call it in the loop."""
        self.service.stopping = True
        self._draining = asyncio.get_running_loop().create_task(self._drain())

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In place of uvicorn's own, which raise the signal again."""
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                asyncio.get_running_loop().add_signal_handler(
                    number, self._on_signal
                )
        yield

    async def shutdown(self, sockets: Any = None) -> None:
        """Takes no more, finishes what was admitted, on both protocols."""
        self.service.draining = True
        ending = [super().shutdown(sockets)]
        if self._rpc:
            ending.append(self._rpc.stop(FINISH_SECONDS))
        await asyncio.gather(*ending)

    def _on_signal(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:  # the second ends the process
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        self.request_stop()

    async def _drain(self) -> None:
        if self._rpc:
            await self._rpc.set_ready(False)
        await asyncio.sleep(self.service.options.drain_seconds)
        self.should_exit = True

    async def _load(self) -> None:
        service = self.service
        await service.start()
        if service.versions.current is None:
            told = service.versions.status()[0]["status"]["error_message"]
            raise UserError(
                "Expected a version of the model that loads. Received: "
                f"{told} Export it again with deepi2i_tf.export."
            )
        if self._rpc:
            await self._rpc.set_ready(True)
        self._tell()
        await service.versions.poll(service.options.poll_seconds)

    def _tell(self) -> None:
        version = self.service.versions.current
        host = self.service.options.host
        host = f"[{host}]" if ":" in host else host
        grpc = f", gRPC on port {self.grpc_port}" if self._rpc else ""
        print(
            f"{self.service.name}, version {version.number}, "
            f"{len(version.class_names)} classes at "
            f"{version.translator.resolution} px{grpc}:\n"
            f"http://{host}:{self.port}/",
            flush=True,
        )


class _Protocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 with bounds: heads, seconds, connections."""

    most_connections = 0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._head_bytes = 0
        self._in_head, self._is_tls = True, False
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self._answer_and_close(
                503,
                f"Expected at most {self.most_connections} connections. "
                "Received: more. Try again.",
            )
        # A connection on which nothing comes is idle, too.
        self._wait(KEEP_ALIVE_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            if not self._head_bytes:
                self._wait(_HEAD_SECONDS)
                self._is_tls = data.startswith(b"\x16\x03")
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head and self._head_bytes > _MOST_HEAD_BYTES:
            self._answer_and_close(
                400,
                f"Expected at most {_MOST_HEAD_BYTES} bytes of headers. "
                "Received: more. Send fewer.",
            )

    def on_headers_complete(self) -> None:
        self._in_head, self._head_bytes = False, 0
        self._wait(None)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        received = "something else. Send one."
        if self._is_tls:
            received = (
                "TLS. Use http://, or put a proxy that speaks TLS in front."
            )
        self._answer_and_close(
            400, f"Expected an HTTP request. Received: {received}"
        )

    def _answer_and_close(self, status: int, sentence: str) -> None:
        if self.transport.is_closing():
            return
        body = contract.to_json({"error": sentence})
        self.transport.write(
            b"%bcontent-type: application/json\r\n"
            b"connection: close\r\ncontent-length: %d\r\n\r\n%b"
            % (STATUS_LINE[status], len(body), body)
        )
        self.transport.close()

    def _wait(self, seconds: float | None) -> None:
        """Closes the connection unless the next step comes in time."""
        if self._patience:
            self._patience.cancel()
            self._patience = None
        if seconds is not None:
            self._patience = self.loop.call_later(seconds, self.transport.close)


def _protocol(most_connections: int) -> type[_Protocol]:
    bound = {"most_connections": most_connections}
    return type("BoundedProtocol", (_Protocol,), bound)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise _not_bound("port", host, port, error) from error
    return listening


def _rpc_server(service: Service) -> RpcServer:
    options = service.options
    host = f"[{options.host}]" if ":" in options.host else options.host
    try:
        return RpcServer(service, f"{host}:{options.grpc_port}")
    except OSError as error:
        raise _not_bound(
            "grpc_port", options.host, options.grpc_port, error
        ) from error


def _not_bound(flag: str, host: str, port: int, error: OSError) -> UserError:
    return UserError(
        f"Expected --{flag}={port} to be free on {host}. Received: "
        f"{error.strerror or 'it is in use'}. Choose another, or 0 for any."
    )
