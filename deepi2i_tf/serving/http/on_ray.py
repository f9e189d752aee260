"""The server as the ingress of a Ray Serve deployment, a queue in each replica.

    serve run deepi2i_tf.serving.http.on_ray:build model=/shared/animals

The same application as under uvicorn, so batches, bounds and answers are the
same; Ray listens, drains and restarts. Replicas do not look for new versions:
they would swap at different moments. A new version is a new `version=` in the
deployment's configuration. gRPC is not spoken here.

Whoever reaches Ray's own ports runs code on its machines (CVE-2023-48022), so
nothing starts where Ray's tokens are switched off.
"""

import dataclasses
import os
import pathlib
from collections.abc import Mapping
from typing import Any

from ray import serve
from ray.serve import Application
from ray.serve.config import BackpressureConfig
from starlette.types import ASGIApp

from deepi2i_tf.config.checks import at_least
from deepi2i_tf.config.commands import ServeOptions
from deepi2i_tf.config.fields import Options, option
from deepi2i_tf.config.flag_text import parse_value
from deepi2i_tf.serving.http.app import build_app
from deepi2i_tf.serving.http.rpc import warm_by_requests
from deepi2i_tf.serving.http.runner import FINISH_SECONDS
from deepi2i_tf.serving.http.service import Service
from deepi2i_tf.utils.errors import UserError

AUTHENTICATION = "RAY_AUTH_MODE"
USAGE_REPORTS = "RAY_USAGE_STATS_ENABLED"
_RETRY_AFTER_SECONDS = 1


@dataclasses.dataclass(frozen=True)
class ReplicaOptions(Options):
    """How many replicas, and what each one takes."""

    replicas: int = option(1, "Replicas, at the least", at_least(1))
    max_replicas: int = option(
        0, "Replicas at the most, by load; 0 keeps their number", at_least(0)
    )
    num_cpus: float = option(1.0, "Cores of a replica", at_least(0.0))
    num_gpus: float = option(0.0, "GPUs of a replica", at_least(0.0))
    version: int = option(
        0, "Version of the model; 0 takes the highest at start", at_least(0)
    )


class ModelReplica:
    """One replica: a model, its queue, and the application around them."""

    async def __init__(self, options: ServeOptions) -> None:
        self._service = Service(options, warm_by_requests)
        await self._service.start()
        self.check_health()

    def __serve_build_asgi_app__(self) -> ASGIApp:
        """Called by Ray after the constructor."""
        return build_app(self._service, self._service.options.all_hosts)

    def check_health(self) -> None:
        """Called by Ray every few seconds; what raises is started anew."""
        if self._service.versions.current is None:
            told = self._service.versions.status()[0]["status"]
            raise UserError(
                "Expected a version of the model that loads. Received: "
                f"{told['error_message']} Export it again."
            )

    def __del__(self) -> None:
        """Called by Ray when what was admitted is finished."""
        service = getattr(self, "_service", None)
        if service is not None:
            service.stop()


def build(arguments: Mapping[str, Any]) -> Application:
    """The application for `serve run`, `serve deploy` and KubeRay.

    Args:
        arguments: fields of `ServeOptions` (no host, port or gRPC of its own)
            and of `ReplicaOptions`, as text or values.

    Raises:
        UserError: an argument is unknown or wrong, or Ray asks for no token.
    """
    _require_tokens()
    options, replicas = _options(arguments)
    scale: dict[str, Any] = {"num_replicas": replicas.replicas}
    if replicas.max_replicas:
        scale = {
            "autoscaling_config": {
                "min_replicas": replicas.replicas,
                "max_replicas": replicas.max_replicas,
                # Half of what a replica takes: there is time to start one.
                "target_ongoing_requests": options.max_queued_rows / 2,
            }
        }
    deployment = serve.deployment(
        serve.ingress()(ModelReplica),
        name=options.model_name,
        max_ongoing_requests=options.max_queued_rows,
        max_queued_requests=options.max_queued_rows,
        backpressure_config=BackpressureConfig(
            status_code=options.overload_code,
            retry_after_s=_RETRY_AFTER_SECONDS,
        ),
        graceful_shutdown_timeout_s=FINISH_SECONDS,
        ray_actor_options={
            "num_cpus": replicas.num_cpus,
            "num_gpus": replicas.num_gpus,
        },
        **scale,
    )
    return deployment.bind(options)


def _require_tokens() -> None:
    if os.environ.get(AUTHENTICATION) == "disabled":
        raise UserError(
            f"Expected Ray to ask for tokens. Received: {AUTHENTICATION}="
            "disabled, with which whoever reaches its ports runs code here. "
            f"Set {AUTHENTICATION}=token, or leave it out: from 2.59 on Ray "
            "asks for tokens where it starts the cluster itself."
        )
    # Read where this process starts the cluster.
    os.environ.setdefault(USAGE_REPORTS, "0")


def _options(
    arguments: Mapping[str, Any],
) -> tuple[ServeOptions, ReplicaOptions]:
    taken: dict[type, dict[str, Any]] = {ServeOptions: {}, ReplicaOptions: {}}
    kinds = {
        field.name: (section, field.type)
        for section in taken
        for field in dataclasses.fields(section)
        if field.name not in ("host", "port", "grpc", "grpc_port")
    }
    try:
        for name, value in arguments.items():
            if name not in kinds:
                raise ValueError(
                    f"Expected one of {', '.join(sorted(kinds))}. Received: "
                    f"{name}. Correct it."
                )
            section, kind = kinds[name]
            taken[section][name] = parse_value(kind, value)
        replicas = ReplicaOptions(**taken[ReplicaOptions])
        flags = taken[ServeOptions]
        if replicas.version:
            path = pathlib.Path(flags.get("model", ""))
            flags.setdefault("name", path.name)
            flags["model"] = os.fspath(path / str(replicas.version))
        return ServeOptions(**flags), replicas
    except ValueError as error:
        raise UserError(f"on_ray: {error}") from error
