"""TensorFlow Serving's gRPC contract, in the event loop of the REST server.

PredictionService `Predict` and `GetModelMetadata`, ModelService
`GetModelStatus`, grpc.health.v1; the rest is UNIMPLEMENTED. A message is read
by gRPC before it comes here, within `--max_request_mb`; it takes its place in
the queue before it is parsed.
"""

import asyncio
import logging
import math
import os
import uuid
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    predict_pb2,
    prediction_log_pb2,
)

from deepi2i_tf.serving import warmup
from deepi2i_tf.serving.http import contract, limits
from deepi2i_tf.serving.http.errors import (
    Reason,
    Refused,
    refusal_of,
    shown,
)
from deepi2i_tf.serving.http.service import Service
from deepi2i_tf.serving.http.versions import ModelVersion

WARMUP_FILE = os.path.join(warmup.FOLDER, warmup.FILE)
_LOG = logging.getLogger(__name__)
_PREDICTION = "tensorflow.serving.PredictionService"
_MODEL = "tensorflow.serving.ModelService"
Handler = Callable[[bytes, grpc.aio.ServicerContext], Awaitable[Message]]


class RpcServer:
    """The gRPC server of a service.

    Args:
        service: the model.
        address: host and port; port 0 takes a free one.

    Attributes:
        port: that it listens on.

    Raises:
        OSError: the port is in use.
    """

    def __init__(self, service: Service, address: str) -> None:
        self._service = service
        self._server = grpc.aio.server(
            options=[
                # Without it two servers share a port without a word.
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", service.max_request),
                ("grpc.max_metadata_size", 16 * 1024),
            ],
            # Those beyond are refused by gRPC itself, before they are read.
            maximum_concurrent_rpcs=4 * service.options.max_queued_rows,
        )
        self._server.add_generic_rpc_handlers(tuple(self._handlers()))
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        try:
            self.port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(str(error)) from error
        if not self.port:
            raise OSError("address in use")

    async def start(self) -> None:
        """Listens; health says NOT_SERVING until `set_ready`."""
        await self._server.start()
        await self.set_ready(False)

    async def set_ready(self, ready: bool) -> None:
        """Sets what grpc.health.v1 says, of the server and its services."""
        states = health_pb2.HealthCheckResponse
        state = states.SERVING if ready else states.NOT_SERVING
        for name in ("", _PREDICTION, _MODEL):
            await self._health.set(name, state)

    async def stop(self, seconds: float) -> None:
        """Takes no more calls and waits for those that run."""
        await self._server.stop(seconds)

    def _handlers(self) -> Iterator[grpc.GenericRpcHandler]:
        services: dict[str, dict[str, Handler]] = {
            _PREDICTION: {
                "Predict": self._predict,
                "GetModelMetadata": self._metadata,
            },
            _MODEL: {"GetModelStatus": self._status},
        }
        for service, methods in services.items():
            yield grpc.method_handlers_generic_handler(
                service,
                {
                    name: grpc.unary_unary_rpc_method_handler(
                        self._guarded(f"grpc {name}", method),
                        response_serializer=lambda m: m.SerializeToString(),
                    )
                    for name, method in methods.items()
                },
            )

    def _guarded(self, route: str, handler: Handler) -> Handler:
        """A handler whose errors become codes and sentences."""

        async def handle(
            message: bytes, context: grpc.aio.ServicerContext
        ) -> Message:
            metrics, code = self._service.metrics, "OK"
            try:
                return await handler(message, context)
            except asyncio.CancelledError:
                code = "CANCELLED"
                raise
            except Exception as error:
                refused = refusal_of(error) or _internal(error)
                code = refused.reason.grpc_code
                metrics.refused.labels(refused.reason.label).inc()
                status = getattr(grpc.StatusCode, code)
                await context.abort(status, refused.sentence)
            finally:
                metrics.requests.labels(route, code).inc()

        return handle

    async def _predict(
        self, message: bytes, context: grpc.aio.ServicerContext
    ) -> Message:
        service = self._service
        place = service.admit()
        try:
            with service.body().announced(len(message)):
                request = _parsed(predict_pb2.PredictRequest, message)
                version = self._version(request.model_spec)
                timeout = context.time_remaining()
                with version.lease():
                    call = await service.aside(
                        lambda: self._call(request, version),
                        len(message) > limits.MEGABYTE,
                    )
                    outputs = await service.run(
                        place,
                        version,
                        call,
                        math.inf if timeout is None else max(0.0, timeout),
                    )
        finally:
            place.release()
        return self._answer(request, version, call, outputs)

    def _call(
        self, request: predict_pb2.PredictRequest, version: ModelVersion
    ) -> contract.Call:
        call = _read_call(request, version)
        known = version.signatures[call.signature].outputs
        if unknown := set(request.output_filter) - set(known):
            raise Refused(
                Reason.INVALID,
                f"Expected outputs out of {', '.join(known)} as "
                f"output_filter. Received: {shown(min(unknown))}. Choose "
                "among them.",
            )
        self._service.check_pictures(call.inputs)
        return call

    def _answer(
        self,
        request: predict_pb2.PredictRequest,
        version: ModelVersion,
        call: contract.Call,
        outputs: dict[str, np.ndarray],
    ) -> predict_pb2.PredictResponse:
        response = predict_pb2.PredictResponse()
        self._fill_spec(response.model_spec, version, call.signature)
        wanted = set(request.output_filter) or set(outputs)
        for name, each in outputs.items():
            if name in wanted:
                proto = tf.make_tensor_proto(each)
                response.outputs[name].CopyFrom(proto)
        return response

    async def _metadata(
        self, message: bytes, context: grpc.aio.ServicerContext
    ) -> Message:
        del context
        request = _parsed(
            get_model_metadata_pb2.GetModelMetadataRequest, message
        )
        if list(request.metadata_field) != ["signature_def"]:
            raise Refused(
                Reason.INVALID,
                "Expected metadata_field to be signature_def. Received: "
                f"{shown(list(request.metadata_field))}. Ask for that.",
            )
        version = self._version(request.model_spec)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        self._fill_spec(response.model_spec, version, "")
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, each in version.signature_defs().items():
            signatures.signature_def[name].CopyFrom(each)
        response.metadata["signature_def"].Pack(signatures)
        return response

    async def _status(
        self, message: bytes, context: grpc.aio.ServicerContext
    ) -> Message:
        del context
        request = _parsed(get_model_status_pb2.GetModelStatusRequest, message)
        spec = request.model_spec
        if spec.name != self._service.name:
            self._service.require_model(spec.name)
        response = get_model_status_pb2.GetModelStatusResponse()
        for told in self._service.versions.status(_number(spec)):
            status = response.model_version_status.add()
            status.version = int(told["version"])
            status.state = status.State.Value(told["state"])
            failed = told["status"]["error_code"] != "OK"
            status.status.error_code = 2 if failed else 0  # UNKNOWN
            status.status.error_message = told["status"]["error_message"]
        return response

    def _version(self, spec: model_pb2.ModelSpec) -> ModelVersion:
        return self._service.require_model(spec.name, _number(spec))

    def _fill_spec(
        self, spec: model_pb2.ModelSpec, version: ModelVersion, signature: str
    ) -> None:
        spec.name, spec.signature_name = self._service.name, signature
        spec.version.value = version.number


def warm_by_requests(version: ModelVersion) -> None:
    """Warms a version by the requests that it brings, if any.

    Args:
        version: just loaded; `assets.extra/tf_serving_warmup_requests` may be
            there.

    Raises:
        Refused: a request is none that the model takes.
    """
    version.warm(_warmup_calls(version))


def _warmup_calls(version: ModelVersion) -> Iterator[contract.Call]:
    path = os.path.join(version.path, WARMUP_FILE)
    if not os.path.exists(path):
        return
    for record in tf.data.TFRecordDataset(path).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        yield _read_call(log.predict_log.request, version)


def _read_call(
    request: predict_pb2.PredictRequest, version: ModelVersion
) -> contract.Call:
    name = request.model_spec.signature_name or contract.DEFAULT_SIGNATURE
    signature = contract.find_signature(name, version.signatures)
    inputs = {
        key: _array(key, each, signature.inputs.get(key))
        for key, each in request.inputs.items()
    }
    contract.check_inputs(inputs, signature)
    return contract.Call(name, inputs, False)


def _parsed(kind: type[Message], message: bytes) -> Any:
    try:
        return kind.FromString(message)
    except DecodeError as error:
        raise Refused(
            Reason.INVALID,
            f"Expected a {kind.DESCRIPTOR.name}. Received: bytes that are "
            "none. Send one.",
        ) from error


def _number(spec: model_pb2.ModelSpec) -> int | None:
    if spec.version_label:
        raise Refused(
            Reason.NOT_FOUND,
            "Expected a version by number. Received: the label "
            f"{shown(spec.version_label)}; no labels are set. Use a number.",
        )
    return spec.version.value if spec.HasField("version") else None


def _array(name: str, proto: Any, tensor: contract.Tensor | None) -> np.ndarray:
    try:
        array = tf.make_ndarray(proto)
    except (TypeError, ValueError) as error:
        raise Refused(
            Reason.INVALID,
            f"Expected a tensor as {shown(name)}. Received: "
            f"{shown(str(error))[1:-1]}. Correct it.",
        ) from error
    given = tf.dtypes.as_dtype(proto.dtype).name
    if tensor is not None and given != tensor.dtype:
        raise Refused(
            Reason.INVALID,
            f"Expected {tensor.dtype} in {name}. Received: {given}. "
            "Convert it.",
        )
    return array


def _internal(error: Exception) -> Refused:
    number = uuid.uuid4().hex[:8]
    _LOG.error("error %s", number, exc_info=error)
    return Refused(
        Reason.INTERNAL,
        f"Expected no error inside the server. Received: number {number}. "
        "Look for it in the server's log.",
    )
