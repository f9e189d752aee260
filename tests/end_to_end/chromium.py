"""Headless Chromium, spoken to over a pipe: no driver and no library.

`--remote-debugging-pipe` makes Chromium read commands of its DevTools
protocol from descriptor 3 and write answers and events to descriptor 4, JSON
with a zero byte after each. https://chromedevtools.github.io/devtools-protocol
"""

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from typing import Any

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
SECONDS = 90.0
QUIET_SECONDS = 0.2
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
# What a page says that it should not.
_COMPLAINTS = (
    "Runtime.exceptionThrown",
    "Runtime.consoleAPICalled",
    "Log.entryAdded",
)


class Chromium:
    """One tab of a browser of its own; a context manager.

    Args:
        profile: an empty folder for what the browser keeps.
    """

    def __init__(self, profile: str) -> None:
        reads, self._out = os.pipe()
        self._in, writes = os.pipe()
        # Beyond 10, so that neither is 3 or 4 when bash moves them there;
        # dash knows no number of two digits.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (reads, writes)]
        move = f'exec "$0" "$@" 3<&{ends[0]} 4>&{ends[1]}'
        self._process = subprocess.Popen(
            [
                "bash",
                "-c",
                move,
                PROGRAM,
                *_FLAGS,
                f"--user-data-dir={profile}",
            ],
            pass_fds=ends,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for end in (reads, writes, *ends):
            os.close(end)
        self._rest, self._last, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")
        self._session = self.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def __enter__(self) -> "Chromium":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in (self._out, self._in):
            os.close(descriptor)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """One command and its answer; events on the way are kept."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._out, data) :]
        while True:
            answer = self._receive(SECONDS)
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, url: str, width: int, dark: bool = False) -> None:
        """Loads a page in a window of a width, in a colour scheme."""
        scheme = {
            "name": "prefers-color-scheme",
            "value": "dark" if dark else "light",
        }
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        self.events.clear()
        self.send("Page.navigate", url=url)
        while "Page.loadEventFired" not in self._heard():
            self.events.append(self._receive(SECONDS))
        with contextlib.suppress(TimeoutError):
            while True:  # what is still on its way
                self.events.append(self._receive(QUIET_SECONDS))

    def run(self, script: str) -> Any:
        """The value of a script in the page; promises are waited for."""
        answer = self.send(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def complaints(self) -> list[dict[str, Any]]:
        """What the page wrote to its console, threw, or was denied."""
        return [e for e in self.events if e["method"] in _COMPLAINTS]

    def requests(self) -> list[str]:
        """Addresses that were asked for; what a page carries is none."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith("data:")]

    def screenshot(self, path: str) -> None:
        """Saves the whole page as PNG, as long as it is."""
        size = self.send("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "scale": 1}
        clip |= {"width": size["width"], "height": size["height"]}
        shot = self.send(
            "Page.captureScreenshot", clip=clip, captureBeyondViewport=True
        )
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def _heard(self) -> set[str]:
        return {event["method"] for event in self.events}

    def _receive(self, seconds: float) -> dict[str, Any]:
        until = time.monotonic() + seconds
        while b"\0" not in self._rest:
            left = max(0.0, until - time.monotonic())
            if not select.select([self._in], [], [], left)[0]:
                raise TimeoutError(f"Chromium was silent for {seconds} s")
            part = os.read(self._in, 1 << 20)
            if not part:
                raise ConnectionError("Chromium ended")
            self._rest += part
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)
