"""Tests of deepi2i_tf/serving/http/page.py: files, facts, photos."""

import io

import numpy as np
import pytest
from PIL import Image

from deepi2i_tf.serving.http.errors import Refused
from deepi2i_tf.serving.http.page import parse_query
from deepi2i_tf.serving.translator import slerp
from deepi2i_tf.utils import image_geometry
from tests.serving import tiny_translator
from tests.serving.http.serving import photo_bytes


def pixels(encoded):
    return np.asarray(Image.open(io.BytesIO(encoded)))


def parts_of(answer):
    """The parts by their lengths: binary, as a browser reads them."""
    boundary = answer.headers["content-type"].partition("boundary=")[2]
    rest, made = answer.body, []
    opening = f"--{boundary}\r\n".encode()
    while rest.startswith(opening):
        head, _, rest = rest[len(opening) :].partition(b"\r\n\r\n")
        named = dict(
            line.split(": ", 1) for line in head.decode().split("\r\n")
        )
        length = int(named["Content-Length"])
        made.append((named, rest[:length]))
        assert rest[length : length + 2] == b"\r\n"
        rest = rest[length + 2 :]
    assert rest == f"--{boundary}--\r\n".encode()
    return made


def translate(served, query, photo=None, kind="image/jpeg"):
    return served.ask(
        "POST",
        f"/app/translate?{query}",
        photo_bytes() if photo is None else photo,
        Content_Type=kind,
    )


def expected(loaded, photo, **made):
    image = image_geometry.fit_square(photo, 32)
    signed = image_geometry.to_signed(image)[None]
    z = made["z"][None]
    if "second" in made:
        both = [made["first"]], [made["second"]], [made["amount"]]
        return loaded.translate_mix(signed, *both, z)[0]
    return loaded.translate(signed, [made["first"]], z)[0]


def assert_close(encoded, image):
    # Another batch may round the other way: a grey step.
    difference = pixels(encoded).astype(int) - image_geometry.to_uint8(image)
    assert np.abs(difference).max() <= 1


def test_a_picture_for_each_class_in_order(served, loaded):
    photo = tiny_translator.photo(40, 60)
    answer = translate(served, "class=2&class=0&seed=5", photo_bytes("PNG"))
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    parts = parts_of(answer)
    assert [named["X-Query"] for named, _ in parts] == [
        "class=2&seed=5",
        "class=0&seed=5",
    ]
    z = loaded.sample_z([5])[0]
    for target, (named, content) in zip((2, 0), parts, strict=True):
        assert named["Content-Type"] == "image/png"
        assert_close(content, expected(loaded, photo, first=target, z=z))


def test_a_walk_between_classes_and_between_z(served, loaded):
    photo = tiny_translator.photo(40, 60)
    query = "class=0&to_class=2&amount=0.4&seed=1&to_seed=9&z_amount=0.5"
    ((named, content),) = parts_of(translate(served, query, photo_bytes("PNG")))
    z = slerp(*loaded.sample_z([1, 9]), 0.5)
    made = {"first": 0, "second": 2, "amount": 0.4, "z": z}
    assert_close(content, expected(loaded, photo, **made))
    # The answer carries its query.
    again = parse_query(named["X-Query"], 3)
    assert again == parse_query(query, 3)


def test_a_photo_is_read_as_translate_does(served):
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down
    turned = tiny_translator.photo(40, 60)[::-1, ::-1]
    plain = parts_of(translate(served, "class=0", photo_bytes("PNG")))
    buffer = io.BytesIO()
    Image.fromarray(turned).save(buffer, "TIFF", exif=exif)
    upright = parts_of(
        translate(served, "class=0", buffer.getvalue(), "image/tiff")
    )
    assert upright[0][1] == plain[0][1]


@pytest.mark.parametrize(
    "query, photo, kind, code, words",
    [
        ("class=3", None, "image/png", 400, "classes in 0..2. Received: 3"),
        ("class=-1", None, "image/png", 400, "classes in 0..2"),
        ("", None, "image/png", 400, "class= once for each of 1 to 3"),
        ("class=0&" * 4, None, "image/png", 400, "1 to 3 classes"),
        ("class=1_0", None, "image/png", 400, "a number as class"),
        ("class=0&seed=x", None, "image/png", 400, "a number as seed"),
        ("class=0&seed=" + "9" * 25, None, "image/png", 400, "64 bits"),
        ("class=0&x=1", None, "image/png", 400, "values out of class, seed"),
        ("class=0&amount=2&to_class=1", None, "image/png", 400, "in 0..1"),
        ("class=0&amount=nan&to_class=1", None, "image/png", 400, "in 0..1"),
        ("class=0&class=1&to_class=1", None, "image/png", 400, "one class be"),
        ("class=0&amount=0.5", None, "image/png", 400, "Expected to_class"),
        ("class=0&z_amount=0.5", None, "image/png", 400, "Expected to_seed"),
        ("class=0", b"text", "image/png", 400, "a file that is no picture"),
        ("class=0", b"", "image/png", 400, "an empty file"),
        ("class=0", None, "text/plain", 415, "of the content type image/"),
        ("class=0", None, "multipart/form-data", 415, "Name the photo's"),
    ],
)
def test_other_requests_are_refused(served, query, photo, kind, code, words):
    answer = translate(served, query, photo, kind)
    assert answer.status == code
    assert words in answer.json["error"]
    assert served.service.queue.occupied == 0


def test_more_classes_than_a_batch_leave_room_for_others(served):
    with served.small_batches(1):
        parts = parts_of(translate(served, "class=0&class=1&class=2"))
    assert len(parts) == 3


def test_the_models_facts(served):
    answer = served.ask("GET", "/app/model")
    facts = answer.json
    assert facts["classes"] == list(tiny_translator.CLASS_NAMES)
    assert (facts["name"], facts["version"]) == ("animals", "1")
    assert facts["resolution"] == 32
    assert facts["limits"]["max_request_bytes"] == 32_000_000


def test_files_have_tags_and_are_sent_once(served):
    first = served.ask("GET", "/")
    assert first.status == 200 and first.body.startswith(b"<!doctype html>")
    assert first.headers["content-type"].startswith("text/html")
    tag = first.headers["etag"]
    again = served.ask("GET", "/", If_None_Match=f'"x", {tag}')
    assert (again.status, again.body) == (304, b"")
    named = served.ask("GET", "/static/index.html")
    assert named.headers["etag"] == tag


def test_queries_that_are_too_long_are_refused():
    with pytest.raises(Refused, match="at most 10,000"):
        parse_query("class=0&" * 10_001, 3)
