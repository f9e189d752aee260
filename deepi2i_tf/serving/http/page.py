"""The page's routes: its files, the model's facts, and photos to pictures."""

import asyncio
import collections
import contextlib
import dataclasses
import hashlib
import importlib.resources
import io
import itertools
import mimetypes
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import numpy as np
from PIL import Image
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from deepi2i_tf.data import photo_files
from deepi2i_tf.serving.http import contract, headers
from deepi2i_tf.serving.http.batching import Place
from deepi2i_tf.serving.http.errors import Reason, Refused, shown
from deepi2i_tf.serving.http.service import Service
from deepi2i_tf.serving.http.versions import ModelVersion
from deepi2i_tf.serving.translator import slerp
from deepi2i_tf.utils import image_geometry
from deepi2i_tf.utils.errors import UserError
from deepi2i_tf.utils.fit import Fit

STATIC = importlib.resources.files(__package__) / "static"
_NUMBERS = {"class": int, "seed": int, "to_class": int, "to_seed": int}
_AMOUNTS = {"amount": float, "z_amount": float}
_SEEDS = range(-(2**63), 2**63)


class PageFiles:
    """The files of the page, read once: no path of a request is a path here."""

    def __init__(self, folder: Any = STATIC) -> None:
        self._files = {
            file.name: _PageFile(file.name, file.read_bytes())
            for file in folder.iterdir()
            if file.is_file()
        }

    def routes(self) -> list[Route]:
        """The page and its files."""
        return [
            Route("/", self._index),
            Route("/static/{name}", self._static),
        ]

    async def _index(self, request: Request) -> Response:
        return self._answer("index.html", request)

    async def _static(self, request: Request) -> Response:
        return self._answer(request.path_params["name"], request)

    def _answer(self, name: str, request: Request) -> Response:
        file = self._files.get(name)
        if file is None:
            raise Refused(
                Reason.NOT_FOUND,
                "Expected a file of the page. Received: another. Try /.",
            )
        told = {"etag": file.etag, "cache-control": "no-cache"}
        known = request.headers.get("if-none-match", "").split(",")
        if file.etag in [tag.strip().removeprefix("W/") for tag in known]:
            return Response(status_code=304, headers=told)
        return Response(file.content, headers=told, media_type=file.kind)


class _PageFile:
    def __init__(self, name: str, content: bytes) -> None:
        self.content = content
        self.etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        guessed, _ = mimetypes.guess_type(name)
        # Systems differ, and browsers run no script of another type.
        modules = name.endswith((".js", ".mjs"))
        self.kind = "text/javascript" if modules else guessed


@dataclasses.dataclass(frozen=True)
class Picture:
    """One picture to make of a photo.

    Args:
        first: class number.
        second: the class that `amount` leads to, or None.
        amount: from 0 (first) to 1 (second).
        query: what asks for this picture alone.
    """

    first: int
    second: int | None
    amount: float
    query: str


@dataclasses.dataclass(frozen=True)
class PhotoQuery:
    """What is to be made of a photo.

    Args:
        pictures: in order.
        seed: of z.
        to_seed: of the z that `z_amount` leads to, or None.
        z_amount: from 0 (seed) to 1 (to_seed).
    """

    pictures: tuple[Picture, ...]
    seed: int
    to_seed: int | None
    z_amount: float

    @property
    def signature(self) -> str:
        """What makes the pictures."""
        mixed = self.pictures[0].second is not None
        return "translate_mix" if mixed else "translate"


def parse_query(query: str, num_classes: int) -> PhotoQuery:
    """Reads `class=3&class=7&seed=0`, or `class=3&to_class=7&amount=0.4`.

    Raises:
        Refused: an unknown name, no number, or one out of range.
    """
    values = _read_query(query)
    classes = values.pop("class", [])
    one = {name: each[-1] for name, each in values.items()}
    _check_query(classes, one, num_classes)
    seed, second = one.pop("seed", 0), one.get("to_class")
    pictures = tuple(
        Picture(
            number,
            second,
            one.get("amount", 0.0),
            urlencode({"class": number, **one, "seed": seed}),
        )
        for number in classes
    )
    ends = one.get("to_seed"), one.get("z_amount", 0.0)
    return PhotoQuery(pictures, seed, *ends)


def _check_query(
    classes: list[int], one: dict[str, Any], num_classes: int
) -> None:
    second = one.get("to_class")
    for number in (*classes, *([] if second is None else [second])):
        _require(
            0 <= number < num_classes,
            f"classes in 0..{num_classes - 1}",
            number,
        )
    _require(
        0 < len(classes) <= num_classes,
        f"class= once for each of 1 to {num_classes} classes",
        f"{len(classes)} of them",
    )
    _require(
        second is None or len(classes) == 1,
        "one class beside to_class",
        f"{len(classes)} of them",
    )
    for amount, end in (("amount", "to_class"), ("z_amount", "to_seed")):
        _require(amount not in one or end in one, end, amount)
    for each in (one.get("seed", 0), one.get("to_seed", 0)):
        _require(each in _SEEDS, "seeds of 64 bits", "a larger one")


def _read_query(query: str) -> dict[str, list[Any]]:
    kinds = _NUMBERS | _AMOUNTS
    values: dict[str, list[Any]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=10_000)
    except ValueError as error:
        raise _invalid_query("at most 10,000 values", "more") from error
    for name, text in pairs:
        _require(name in kinds, f"values out of {', '.join(kinds)}", name)
        try:
            # int() takes blanks, underscores and other scripts' digits.
            plain = text.isascii() and "_" not in text and text.strip() == text
            value = kinds[name](text if plain and len(text) < 30 else "")
        except ValueError as error:
            raise _invalid_query(f"a number as {name}", text) from error
        _require(
            name not in _AMOUNTS or 0.0 <= value <= 1.0,
            f"{name} in 0..1",
            text,
        )
        values.setdefault(name, []).append(value)
    return values


def _require(condition: bool, expected: str, received: object) -> None:
    if not condition:
        raise _invalid_query(expected, received)


def _invalid_query(expected: str, received: object) -> Refused:
    return Refused(
        Reason.INVALID,
        f"Expected {expected}. Received: {shown(received)}. Use for example "
        "?class=3&seed=0.",
    )


class Page:
    """What the page asks for."""

    def __init__(
        self,
        service: Service,
        body_of: Callable[
            [Service, Scope, Receive],
            contextlib.AbstractAsyncContextManager[bytes],
        ],
    ) -> None:
        self._service, self._body_of = service, body_of

    async def model(self, request: Request) -> Response:
        """Name, classes and bounds."""
        version, options = self._service.versions.get(), self._service.options
        model = version.translator
        facts = {
            "name": self._service.name,
            "version": str(version.number),
            "resolution": model.resolution,
            "dim_z": model.dim_z,
            "fit": {"way": model.fit, "pad_color": list(model.pad_color)},
            "classes": list(version.class_names),
            "signatures": list(version.signatures),
            "limits": {
                "max_request_bytes": self._service.max_request,
                "max_megapixels": options.max_megapixels,
                "max_batch_size": self._service.queue.max_batch,
                "max_queued_rows": options.max_queued_rows,
                "body_seconds": options.body_seconds,
            },
        }
        return JSONResponse(facts, headers={"cache-control": "no-cache"})

    async def translate(self, request: Request) -> Response:
        """Pictures of a photo, as each is ready."""
        service = self._service
        kind = request.headers.get("content-type", "").partition(";")[0]
        kind = kind.strip().lower()
        if not (
            kind.startswith("image/") or kind == "application/octet-stream"
        ):
            raise Refused(
                Reason.CONTENT_TYPE,
                "Expected a photo as the body, of the content type image/... "
                f"or application/octet-stream. Received: {shown(kind)}. "
                "Name the photo's.",
            )
        version = service.versions.get()
        query = parse_query(request.url.query, len(version.class_names))
        for name in ("sample_z", query.signature):
            contract.find_signature(name, version.signatures)
        with contextlib.ExitStack() as stack:
            stack.enter_context(version.lease())
            place = service.admit(keep=True)
            stack.callback(place.release)
            # A visitor with 149 classes leaves room for others.
            room = min(len(query.pictures), service.queue.max_batch)
            place.resize(min(room, service.options.max_queued_rows))
            async with self._body_of(
                service, request.scope, request.receive
            ) as body:
                inputs = await service.aside(
                    lambda: self._read(body, query, version)
                )
            made = self._pictures(place, version, query, inputs)
            return _Parts(made, stack.pop_all())

    def _read(
        self, body: bytes, query: PhotoQuery, version: ModelVersion
    ) -> tuple[np.ndarray, np.ndarray]:
        """The photo, float32 (R, R, 3), and z, (dim_z,)."""
        model = version.translator
        fit = Fit(model.fit, model.pad_color)
        try:
            photo = photo_files.decode_photo(
                body, model.resolution, fit, self._service.max_pixels
            )
        except UserError as error:
            raise Refused(Reason.INVALID, str(error)) from error
        ends = [query.seed]
        if query.to_seed is not None:
            ends.append(query.to_seed)
        z = model.sample_z(ends)
        drawn = slerp(z[0], z[1], query.z_amount) if len(ends) > 1 else z[0]
        return image_geometry.to_signed(photo), drawn

    async def _pictures(
        self,
        place: Place,
        version: ModelVersion,
        query: PhotoQuery,
        inputs: tuple[np.ndarray, np.ndarray],
    ) -> AsyncIterator[tuple[Picture, bytes]]:
        """Each picture and its PNG, in order; some are on their way."""
        window = place.rows
        waiting = iter(query.pictures)
        running: collections.deque[tuple[Picture, asyncio.Task]] = (
            collections.deque()
        )

        def start(picture: Picture) -> None:
            work = self._make(place, version, picture, inputs)
            running.append((picture, asyncio.ensure_future(work)))

        with _cancelled(running):
            for picture in itertools.islice(waiting, window):
                start(picture)
            while running:
                picture, task = running[0]
                made = await task
                running.popleft()
                for following in itertools.islice(waiting, 1):
                    start(following)
                yield picture, made

    async def _make(
        self,
        place: Place,
        version: ModelVersion,
        picture: Picture,
        inputs: tuple[np.ndarray, np.ndarray],
    ) -> bytes:
        photo, z = inputs
        rows = {"images": photo[np.newaxis], "z": z[np.newaxis]}
        first = np.array([picture.first], np.int32)
        if picture.second is None:
            rows["target_class"] = first
        else:
            rows["first_class"] = first
            rows["second_class"] = np.array([picture.second], np.int32)
            rows["amount"] = np.array([picture.amount], np.float32)
        name = "translate" if picture.second is None else "translate_mix"
        call = contract.Call(name, rows, True)
        outputs = await self._service.run(place, version, call)
        return await self._service.aside(lambda: _png(outputs["images"][0]))


class _Parts(Response):
    """A `multipart/mixed` answer whose parts are sent as they are ready.

    Each part says which query would have made it alone: `X-Query`.
    """

    def __init__(
        self,
        pictures: AsyncIterator[tuple[Picture, bytes]],
        held: contextlib.ExitStack,
    ) -> None:
        self._pictures, self._held = pictures, held
        self._boundary = uuid.uuid4().hex
        kind = f"multipart/mixed; boundary={self._boundary}"
        super().__init__(media_type=kind)
        del self.headers["content-length"]
        self.raw_headers.append(headers.NO_STORE)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Sends it.

        Raises:
            Refused: before the first part, or the client went.
        """
        watching = asyncio.ensure_future(_end_of(receive))
        sending = asyncio.ensure_future(self._send(send))
        try:
            await asyncio.wait(
                (watching, sending), return_when=asyncio.FIRST_COMPLETED
            )
            if not sending.done():
                raise Refused(Reason.CLIENT_GONE, "The client went.")
            sending.result()
        finally:
            watching.cancel()
            sending.cancel()
            await asyncio.wait((watching, sending))
            self._held.close()

    async def _send(self, send: Send) -> None:
        started = False
        try:
            async with contextlib.aclosing(self._pictures) as pictures:
                async for picture, content in pictures:
                    if not started:  # until here a refusal has a status
                        started = True
                        await self._start(send)
                    about = f"image/png\r\nX-Query: {picture.query}"
                    await self._part(send, about, content)
        except Refused as refused:
            if not started:
                raise
            about = f"application/json\r\nX-Status: {refused.reason.status}"
            error = contract.to_json({"error": refused.sentence})
            await self._part(send, about, error)
        await _send_body(send, f"--{self._boundary}--\r\n".encode(), False)

    async def _start(self, send: Send) -> None:
        start = {"type": "http.response.start", "status": 200}
        await send({**start, "headers": self.raw_headers})

    async def _part(self, send: Send, about: str, content: bytes) -> None:
        head = (
            f"--{self._boundary}\r\nContent-Type: {about}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        await _send_body(send, head.encode("ascii") + content + b"\r\n", True)


async def _send_body(send: Send, body: bytes, more: bool) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def _end_of(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@contextlib.contextmanager
def _cancelled(running: collections.deque) -> Iterator[None]:
    try:
        yield
    finally:
        for _, task in running:
            task.cancel()


def _png(image: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(image_geometry.to_uint8(image)).save(buffer, "PNG")
    return buffer.getvalue()
