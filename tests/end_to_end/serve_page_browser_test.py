"""The server's page in a real browser, over the server: every state."""

import asyncio
import base64
import contextlib
import functools
import io
import time

import numpy as np
import pytest
from PIL import Image

from tests.end_to_end.chromium import PROGRAM, Chromium
from tests.serving import tiny_translator
from tests.serving.http.page_test import parts_of
from tests.serving.http.serving import Serving, until

pytestmark = pytest.mark.skipif(
    PROGRAM is None,
    reason="chromium is not installed: apt-get install chromium",
)
# The first three have a sample; and all of them have to stay quick.
NAMES = ("tiger", "rabbit", "panda", "Ünï_<b>cöde</b>_of_a_very_long_name_" * 2)
NAMES += tuple(f"class_{number}" for number in range(996))
WIDTHS = (1280, 320)
STICKING_OUT = """[...document.querySelectorAll("main *, dialog *")]
  .filter(e => e.getBoundingClientRect().right > %d + 0.5 &&
    e.checkVisibility())
  .map(e => e.outerHTML.slice(0, 80))"""
TILES = "document.querySelectorAll('.tile').length"
FILLED = "[...document.querySelectorAll('.tile')].map(e => !e.disabled)"
STATUS = "document.getElementById('status').textContent"
DONE = f"/done/.test({STATUS})"
SLIDER = "document.querySelector('#walk-%s input[type=range]')"
# A picture as PNG, base64; its policy lets the page fetch no blob.
CONTENT = """(async () => {
  const image = document.querySelector(`%s`);
  await image.decode();
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  canvas.getContext("2d").drawImage(image, 0, 0);
  const bytes = await (await canvas.convertToBlob()).arrayBuffer();
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
})()"""
# What is read out, and which tiles are filled by then.
WATCH = f"""(() => {{
  const status = document.getElementById("status");
  window.told = [];
  new MutationObserver(() => told.push([status.textContent, {FILLED}]))
    .observe(status, {{childList: true}});
}})()"""
FOCUSED = """(() => {
  const e = document.activeElement, style = getComputedStyle(e);
  return [e.id || e.className || e.type, style.outlineStyle !== "none"];
})()"""
GIVE = """(() => {
  const file = new File([Uint8Array.from(atob("%s"), c => c.charCodeAt(0))],
    "%s", {type: "%s"});
  const given = new DataTransfer();
  given.items.add(file);
  %s
})()"""
BY_CHOICE = """const input = document.getElementById("file");
  input.files = given.files;
  input.dispatchEvent(new Event("change"));"""
BY_DROP = """document.querySelector("h1").dispatchEvent(new DragEvent("drop",
  {bubbles: true, cancelable: true, dataTransfer: given}));"""
BY_PASTE = """document.body.dispatchEvent(new ClipboardEvent("paste",
  {bubbles: true, clipboardData: given}));"""


def photo(kind="JPEG"):
    buffer = io.BytesIO()
    Image.fromarray(tiny_translator.photo(60, 90)).save(buffer, kind)
    return buffer.getvalue()


class Page:
    """The page in a browser, and the server that it came from."""

    def __init__(self, browser, served):
        self.browser, self.served = browser, served
        self.run = browser.run
        self.address = f"http://127.0.0.1:{served.server.port}/"

    def open(self, width=1280, dark=False, fragment=""):
        self.browser.open("about:blank", width, dark)
        self.browser.open(self.address + fragment, width, dark)
        self.wait("!document.getElementById('main').hidden")

    def wait(self, script, seconds=60):
        end = time.monotonic() + seconds
        while not self.run(script):
            assert time.monotonic() < end, (script, self.text("body"))
            time.sleep(0.02)

    def click(self, selector):
        self.run(f"document.querySelector('{selector}').click()")

    def text(self, selector):
        return self.run(f"document.querySelector('{selector}').innerText")

    def give(self, content, name="cat.jpg", kind="image/jpeg", way=BY_CHOICE):
        encoded = base64.b64encode(content).decode()
        self.run(GIVE % (encoded, name, kind, way))
        self.wait("!document.getElementById('photo-facts').hidden")

    def choose(self, *numbers):
        self.click("#none")
        for number in numbers:
            self.click(f'#classes input[value="{number}"]')

    def translated(self, *numbers):
        """Opens, gives a photo and waits until it is translated."""
        self.open()
        self.give(photo())
        self.choose(*numbers)
        self.click("#translate")
        self.wait(DONE)

    def pixels(self, selector):
        content = base64.b64decode(self.run(CONTENT % selector))
        picture = Image.open(io.BytesIO(content)).convert("RGB")
        return np.asarray(picture).astype(int)

    def of_server(self, query):
        answer = self.served.ask(
            "POST",
            f"/app/translate?{query}",
            photo(),
            Content_Type="image/jpeg",
        )
        ((_, content),) = parts_of(answer)
        return np.asarray(Image.open(io.BytesIO(content))).astype(int)

    def press(self, key, modifiers=0):
        code = {"Tab": 9, "Enter": 13, " ": 32, "Escape": 27}.get(key)
        code = code or {"ArrowRight": 39, "ArrowDown": 40, "PageUp": 33}[key]
        event = {
            "key": key,
            "windowsVirtualKeyCode": code,
            "modifiers": modifiers,
        }
        text = {"Enter": {"text": "\r"}, " ": {"text": " "}}.get(key, {})
        send = functools.partial(
            self.browser.send, "Input.dispatchKeyEvent", **event
        )
        send(type="keyDown", **text)
        send(type="keyUp")

    def tab_to(self, wanted):
        """Presses Tab until an element has the focus, which must be seen."""
        passed = []
        while not passed or passed[-1] != wanted:
            self.press("Tab")
            name, seen = self.run(FOCUSED)
            assert seen, name
            passed.append(name)
            assert len(passed) < 30, passed
        return passed

    def assert_fits(self, width):
        assert self.run("document.scrollingElement.scrollWidth") <= width
        assert self.run(STICKING_OUT % width) == []

    def assert_quiet(self):
        assert self.browser.complaints() == []
        allowed = self.address, f"blob:{self.address}"
        assert [
            url
            for url in self.browser.requests()
            if not url.startswith(allowed) and url != "about:blank"
        ] == []


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    path = str(tmp_path_factory.mktemp("many") / "many")
    tiny_translator.export(path, names=NAMES)
    with Serving(model=path, grpc=False) as server:
        yield server


@pytest.fixture(scope="module")
def page(tmp_path_factory, served):
    with Chromium(str(tmp_path_factory.mktemp("profile"))) as browser:
        yield Page(browser, served)


@contextlib.contextmanager
def slow(served, seconds):
    """Each row takes longer within the block; yields how many ran at once."""
    run, counts = served.service.run, []
    running = 0

    async def slowly(*arguments):
        nonlocal running
        running += 1
        counts.append(running)
        try:
            await asyncio.sleep(seconds)
            return await run(*arguments)
        finally:
            running -= 1

    served.service.run = slowly
    try:
        yield counts
    finally:
        del served.service.run


@contextlib.contextmanager
def full(served):
    """There is no room in the queue within the block."""
    queue = served.service.queue
    until(lambda: queue.occupied == 0)
    place = queue.admit(1)
    place.resize(served.service.options.max_queued_rows)
    try:
        yield
    finally:
        place.release()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_every_state_fits_and_asks_nobody_else(page, width, dark):
    page.open(width, dark)
    assert page.run("document.getElementById('translate').disabled")
    page.assert_fits(width)
    page.click("#sample")
    page.wait("!document.getElementById('source').hidden")
    page.choose(0, 1, 2, 3)
    page.assert_fits(width)
    with slow(page.served, 0.1):
        page.click("#translate")
        page.wait(f"{FILLED}.includes(true)")
        page.assert_fits(width)
        page.wait(DONE)
    page.wait("document.querySelectorAll('.strip img[src]').length === 10")
    page.assert_fits(width)
    page.click("#tiles li:nth-child(4) .tile")
    assert page.run("document.getElementById('large').open")
    page.assert_fits(width)
    brightness = page.run("getComputedStyle(document.body).backgroundColor")
    assert (int(brightness[4:].split(",")[0]) < 60) == dark
    page.assert_quiet()


def test_tiles_fill_in_order_and_are_the_servers(page):
    page.open()
    page.give(photo())
    page.choose(5, 2, 999, 0)
    page.run(WATCH)
    with slow(page.served, 0.05), page.served.small_batches(1):
        page.click("#translate")
        page.wait(DONE)
    seen = page.run("told")
    assert all(filled == sorted(filled, reverse=True) for _, filled in seen)
    counts = [text for text, _ in seen if " of " in text]
    assert counts == [f"{done} of 4 pictures" for done in range(5)]
    for place, number in enumerate((0, 2, 5, 999), 1):
        made = page.pixels(f"#tiles li:nth-child({place}) img")
        expected = page.of_server(f"class={number}&seed=0")
        # Another batch may round the other way: a grey step.
        assert np.abs(made - expected).max() <= 1
    page.click("#another")
    page.wait(f"{DONE} && !{FILLED}.includes(false)")
    seed = page.run("document.getElementById('seed').value")
    assert page.run("location.hash").endswith(f"seed={seed}")
    other = page.pixels("#tiles li:nth-child(1) img")
    assert np.abs(other - page.of_server(f"class=0&seed={seed}")).max() <= 1
    page.assert_quiet()


@pytest.mark.parametrize("way", [BY_DROP, BY_PASTE], ids=["drop", "paste"])
def test_a_photo_is_dropped_or_pasted_and_a_link_remembers(page, way):
    page.open(fragment="#class=class_7&class=panda&seed=12")
    assert page.text("#chosen") == "2 of 1000"
    page.give(photo("PNG"), "a cat.png", "image/png", way)
    page.wait("!document.getElementById('source').hidden")
    assert "Translate into 2 classes" in page.text("#translate")
    page.click("#translate")
    page.wait(DONE)
    assert page.text("#tiles").split("\n") == ["panda", "class 7"]
    assert page.run("location.hash") == "#class=panda&class=class_7&seed=12"
    page.assert_quiet()


def test_a_thousand_classes_are_searched_at_once(page):
    page.open()
    milliseconds = page.run("""(() => {
      const box = document.getElementById("search"), begin = performance.now();
      box.value = "CLASS 99";
      box.dispatchEvent(new Event("input"));
      document.body.offsetHeight;
      return performance.now() - begin;
    })()""")
    assert milliseconds < 500  # 5 on a quiet machine
    shown = "[...document.querySelectorAll('#classes li')].filter(" + (
        "e => !e.hidden).map(e => e.innerText)"
    )
    assert page.run(shown) == [
        name.replace("_", " ") for name in NAMES if "99" in name
    ]
    page.click("#all")
    assert page.text("#chosen") == "23 of 1000"  # eight were chosen before
    page.click("#ten")
    assert page.text("#chosen") == "18 of 1000"
    page.run("""(() => {
      const box = document.getElementById("search");
      box.value = "";
      box.dispatchEvent(new Event("input"));
    })()""")
    page.click("#ten")
    assert page.text("#chosen") == "10 of 1000"


def test_a_refusal_stands_beside_its_cause_and_nothing_is_lost(
    page, monkeypatch
):
    page.open()
    page.choose(1, 2)
    page.give(b"no picture", "notes.jpg")
    assert "cannot show it" in page.text("#photo-facts")
    page.click("#translate")
    page.wait("!document.getElementById('photo-refusal').hidden")
    assert "a file that is no picture" in page.text("#photo-refusal")
    assert page.text("#chosen") == "2 of 1000"
    assert page.run(TILES) == 0
    # Chromium writes each answer above 399 to its console.
    assert {e["method"] for e in page.browser.complaints()} == {
        "Log.entryAdded"
    }
    monkeypatch.setattr(page.served.service, "max_request", 100)
    page.open()
    page.give(photo()[:99])
    page.run(
        GIVE % (base64.b64encode(photo()).decode(), "b.jpg", "", BY_CHOICE)
    )
    assert "at most 0.0 MB" in page.text("#photo-refusal")
    assert "cat.jpg" in page.text("#photo-facts")


def test_while_the_server_is_busy_the_page_waits_and_tries_again(page):
    page.open()
    page.give(photo())
    page.choose(1, 2)
    with full(page.served):
        page.click("#translate")
        page.wait(f"/busy. Trying again in \\d+ s/.test({STATUS})")
    page.wait(DONE)
    assert page.run(TILES) == 2
    page.wait("document.querySelectorAll('.strip img[src]').length === 10")
    with full(page.served):
        page.click("#translate")
        page.wait("!document.getElementById('refusal').hidden")
    assert "busy. Try again later." in page.text("#refusal")
    sent = [u for u in page.browser.requests() if "class=1&class=2" in u]
    assert len(sent) == 2 + 4  # once, and three tries


def test_when_the_server_goes_nothing_is_lost(page, exported):
    with Serving(model=exported, name="animals", grpc=False) as first:
        own = Page(page.browser, first)
        own.open()
        own.give(photo())
        with slow(first, 0.2), first.small_batches(1):
            own.click("#translate")
            own.wait(f"{FILLED}[0] && !{FILLED}[2]")
            # As a machine that fails: the connection breaks.
            first.service.run = None
            own.wait(f"/does not answer/.test({STATUS})")
        port = first.server.port
    own.wait(f"/does not answer/.test({STATUS})")
    assert own.run(FILLED)[0] and not own.run(FILLED)[2]
    with Serving(model=exported, name="animals", grpc=False, port=port):
        # A click while it asks anyway does nothing.
        own.wait(f"document.getElementById('try-now').click() || {DONE}")
        assert own.run(FILLED) == [True] * 3
        assert own.text("#chosen") == "3 of 3"


def test_a_slider_that_is_dragged_under_a_slow_server(page):
    page.translated(0, 1)
    page.wait("document.querySelectorAll('.strip img[src]').length === 10")
    drag = """(async () => {
      const slider = %s, picture =
        document.querySelector("#walk-classes .picture"), wrong = [];
      for (let value = 1; value <= 61; value += 1) {
        slider.value = value / 100;
        slider.dispatchEvent(new Event("input"));
        await new Promise(done => setTimeout(done, 10));
        const figure = picture.parentElement, key = picture.dataset.query;
        const amount = Number(new URLSearchParams(key).get("amount"));
        if (!figure.classList.contains("stale") &&
          amount !== Number(slider.value)) wrong.push([value, key]);
      }
      return wrong;
    })()""" % (SLIDER % "classes")
    shown = "!document.querySelector('#walk-classes .stale')"
    with slow(page.served, 0.15) as at_once:
        assert page.run(drag) == []
        page.wait(shown)
        # 61 values in a second and more, six or seven of 0.15 s.
        assert max(at_once) == 1 and 2 <= len(at_once) < 20
    assert page.text("#walk-classes .amount") == "0.61"
    query = "class=0&to_class=1&amount=0.61&seed=0"
    made = page.pixels("#walk-classes .picture")
    assert np.abs(made - page.of_server(query)).max() <= 1
    before = len(page.browser.requests())
    page.click("#walk-classes .strip li:nth-child(3) button")  # seen before
    assert page.run(shown) and page.text("#walk-classes .amount") == "0.50"
    blob = f"blob:{page.address}"
    later = page.browser.requests()[before:]
    assert [url for url in later if not url.startswith(blob)] == []
    z = SLIDER % "z"
    page.run(f"{z}.value = 0.25; {z}.dispatchEvent(new Event('input'))")
    made = page.pixels("#walk-z .picture")
    query = "class=0&to_seed=1&z_amount=0.25&seed=0"
    assert np.abs(made - page.of_server(query)).max() <= 1
    page.assert_quiet()


def test_everything_goes_by_keyboard(page):
    page.open()
    assert page.tab_to("choose") == ["choose"]
    page.give(photo())  # the system's dialog is no part of the page
    assert page.tab_to("none") == ["take", "sample", "search", "all", "none"]
    page.press(" ")
    page.tab_to("checkbox")
    page.press(" ")
    page.press("Tab")
    page.press(" ")
    assert page.text("#chosen") == "2 of 1000"
    page.run("document.querySelector('#classes li:last-child input').focus()")
    assert page.tab_to("translate") == ["seed", "another", "translate"]
    page.press("Enter")
    page.wait(DONE)
    assert page.run(FOCUSED)[0] == "translate"
    assert page.tab_to("tile") == ["sheet", "link", "tile"]
    page.press("ArrowRight")
    assert page.run("document.activeElement.innerText") == "rabbit"
    page.press("Enter")
    assert page.text("#large-title") == "rabbit"
    page.press("Escape")
    assert not page.run("document.getElementById('large').open")
    assert page.run("document.activeElement.innerText") == "rabbit"
    assert page.tab_to("range")[-1] == "range"
    amount = "document.querySelector('#walk-classes .amount').textContent"
    for key, told in (("ArrowRight", "0.01"), ("PageUp", "0.11")):
        page.press(key)
        assert page.run(amount) == told


def test_downloads_are_named_and_whole(page, tmp_path):
    page.browser.send(
        "Browser.setDownloadBehavior",
        behavior="allow",
        downloadPath=str(tmp_path),
    )
    page.translated(0, 3)
    page.wait("document.querySelectorAll('.strip img[src]').length === 10")
    page.run(
        f"{SLIDER % 'classes'}.value = 0.4;"
        f"{SLIDER % 'classes'}.dispatchEvent(new Event('input'))"
    )
    page.wait("!document.querySelector('#walk-classes .save').disabled")
    page.click("#walk-classes .save")
    page.click("#walk-z .save-strip")
    page.click("#sheet")
    page.click("#tiles li:nth-child(1) .tile")
    page.click("#save")
    until(lambda: len(list(tmp_path.glob("*.png"))) == 4, 60)
    sizes = {}
    for path in tmp_path.glob("*.png"):
        with Image.open(path) as picture:
            sizes[path.name] = picture.size
    mixed = [name for name in sizes if name.endswith("-0.40.png")]
    assert mixed[0].startswith("cat-tiger-Ünï_") and sizes[mixed[0]] == (32, 32)
    assert sizes["cat-tiger-seed0.png"] == (32, 32)
    # Cells of 128 pixels: five of them; photo and two pictures in three.
    assert sizes["cat-tiger-seed0-seed1-strip.png"] == (688, 168)
    assert sizes["cat-sheet.png"] == (416, 168)


def test_nothing_moves_for_who_wants_no_motion(page):
    page.open()
    page.give(photo())
    page.choose(0, 1)
    moving = "document.getAnimations().length"
    with slow(page.served, 0.3):
        for value, moves in (("no-preference", True), ("reduce", False)):
            feature = {"name": "prefers-reduced-motion", "value": value}
            page.browser.send("Emulation.setEmulatedMedia", features=[feature])
            page.click("#translate")
            page.wait(f"{FILLED}.length === 2 && !{FILLED}[0]")
            assert (page.run(moving) > 0) == moves
            page.wait(DONE)


def test_without_scripts_a_sentence_and_a_command(page):
    send = page.browser.send
    send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page.browser.open(page.address, 320)
        said = str(send("DOM.getDocument", depth=-1)["root"])
    finally:
        send("Emulation.setScriptExecutionDisabled", value=False)
    assert "This page needs JavaScript" in said and "curl -sH" in said
