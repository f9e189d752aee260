"""What the server costs over calling the model, and what it does overloaded.

    python -m tests.benchmarks.serving --json

A model with drawn weights is exported at 32 px (ch 16, batch 16, 32 clients)
and at 64 px (ch 32, batch 8, 16 clients). Turns of calling `serving_default`
in a process of its own and turns of the server under a closed loop follow each
other; then the server is offered four times its rate in an open loop. Clients
run on the same cores. With --json the last line is one JSON object, by side:
{"rate", "cpu" (seconds per picture): shares of the call in-process,
"p99_batches": p99 over the time of a batch, "overload": {"offered", "goodput"
(over the rate of the closed loop), "refusal_ms" (median), "codes", "wrong",
"late", "memory_mb": [before, after]}}, and "start": {"import_seconds",
"ready_seconds", "over_import"} of the smaller model.
"""

import argparse
import base64
import io
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import deepi2i_tf.cli.command  # noqa: F401, it loads TensorFlow in silence

# isort: split

import numpy as np
from PIL import Image

from deepi2i_tf.serving.translator import LoadedTranslator
from tests.benchmarks import inference
from tests.benchmarks.start_time import import_seconds

# Side -> ch, rows of a batch, clients.
CASES = {32: (16, 16, 32), 64: (32, 8, 16)}
CLASSES, TARGET, SEED = 8, 3, 1
TICKS = 100.0  # of a second in /proc/PID/stat


def photo() -> bytes:
    """A JPEG of about 100 KB, as a camera's that was made smaller."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:480, :640]
    smooth = 127 + 100 * np.sin(np.stack([x / 50, y / 40, (x + y) / 60], -1))
    noisy = smooth + rng.normal(0.0, 12.0, smooth.shape)
    buffer = io.BytesIO()
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def write_body(encoded: bytes, path: pathlib.Path) -> None:
    text = base64.b64encode(encoded).decode()
    row = {"image_bytes": {"b64": text}, "target_class": TARGET, "seed": SEED}
    path.write_text(json.dumps({"instances": [row]}))


def cpu_seconds(pid: int) -> float:
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    return sum(map(int, fields.split()[11:13])) / TICKS


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    line = next(e for e in text.splitlines() if e.startswith(field))
    return int(line.split()[1]) / 1000.0


def in_process(model: str, rows: int, seconds: float) -> dict[str, float]:
    """Rate and CPU of the bare call; run by --in_process."""
    translator = LoadedTranslator(model)
    files = [photo()] * rows

    def call() -> list[bytes]:
        return translator.translate_files(files, [TARGET] * rows, [SEED] * rows)

    for _ in range(3):
        call()
    begin, cpu, count = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - begin < seconds:
        call()
        count += rows
    spent = time.perf_counter() - begin
    return {
        "rate": count / spent,
        "cpu": (time.process_time() - cpu) / count,
        "batch": spent / count * rows,
        "picture": base64.b64encode(call()[0]).decode(),
    }


def in_process_apart(model: str, rows: int, seconds: float) -> dict:
    command = [sys.executable, "-m", "tests.benchmarks.serving"]
    command += [f"--in_process={model}", f"--rows={rows}"]
    return last_json([*command, f"--seconds={seconds}"])


def last_json(command: list[str]) -> dict:
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ran.stdout.splitlines()[-1])


class Server:
    """The command in a process; a context manager."""

    def __init__(self, model: str, *flags: str) -> None:
        command = [sys.executable, "-m", "deepi2i_tf.serve"]
        command += [f"--model={model}", "--name=m", "--port=0", "--nogrpc"]
        begin = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, *flags], stdout=subprocess.PIPE, text=True
        )
        self.process.stdout.readline()
        self.url = self.process.stdout.readline().strip()
        self.ready_seconds = time.perf_counter() - begin
        self.port = self.url.rstrip("/").rpartition(":")[2]

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *error: object) -> None:
        self.process.terminate()
        self.process.wait(60)
        self.process.stdout.close()

    def load(self, body: pathlib.Path, *flags: str) -> dict:
        command = [sys.executable, "-m", "tests.benchmarks.http_load"]
        command += [self.port, "/v1/models/m:predict", str(body), *flags]
        cpu = cpu_seconds(self.process.pid)
        told = last_json(command)
        told["cpu"] = cpu_seconds(self.process.pid) - cpu
        return told


def wrong(told: dict, picture: str) -> int:
    """Answers further than one grey step from the in-process picture."""

    def pixels(encoded: str) -> np.ndarray:
        file = io.BytesIO(base64.b64decode(encoded))
        return np.asarray(Image.open(file)).astype(int)

    expected, count = pixels(picture), 0
    for body, times in told["answers"].items():
        (found,) = json.loads(base64.b64decode(body))["predictions"]
        if np.abs(pixels(found["b64"]) - expected).max() > 1:
            count += times
    return count


def measure(requested: argparse.Namespace, side: int, folder: str) -> dict:
    ch, rows, clients = CASES[side]
    model = f"{folder}/{side}"
    network = {"resolution": side, "ch": ch, "num_classes": CLASSES}
    inference.export(argparse.Namespace(**network), "float32", model)
    body = pathlib.Path(folder, "body.json")
    write_body(photo(), body)
    bare, served = [], []
    with Server(model, f"--max_batch_size={rows}") as server:
        seconds = f"--seconds={requested.seconds}"
        server.load(body, f"--clients={clients}", "--seconds=2")
        for _ in range(requested.rounds):
            bare.append(in_process_apart(model, rows, requested.seconds))
            served.append(server.load(body, f"--clients={clients}", seconds))
        rate = statistics.median(each["codes"]["200"] / each["seconds"]
                                 for each in served)  # fmt: skip
        memory = [memory_mb(server.process.pid)]
        flooded = server.load(
            body,
            f"--rate={requested.overload * rate}",
            f"--seconds={requested.overload_seconds}",
        )
        memory.append(memory_mb(server.process.pid))
    return {
        **ratios(bare, served, rate),
        "overload": overload(flooded, rate, bare[0]["picture"], memory),
    }


def ratios(bare: list[dict], served: list[dict], rate: float) -> dict:
    def middle(values) -> float:
        return statistics.median(values)

    batch = middle(each["batch"] for each in bare)
    p99 = middle(each["milliseconds"]["200"][1] for each in served) / 1000
    cpu = middle(each["cpu"] / each["codes"]["200"] for each in served)
    return {
        "images_per_second": rate,
        "rate": rate / middle(each["rate"] for each in bare),
        "cpu": cpu / middle(each["cpu"] for each in bare),
        "p50_ms": middle(each["milliseconds"]["200"][0] for each in served),
        "p99_ms": p99 * 1000,
        "p99_batches": p99 / batch,
        "wrong": sum(wrong(each, bare[0]["picture"]) for each in served),
        "refused": sum(
            sum(each["codes"].values()) - each["codes"]["200"]
            for each in served
        ),
    }


def overload(
    flooded: dict, rate: float, picture: str, memory: list[float]
) -> dict:
    good = flooded["codes"].get("200", 0)
    return {
        "offered": flooded["sent"] / flooded["seconds"] / rate,
        "goodput": good / flooded["seconds"] / rate,
        "p99_ms": flooded["milliseconds"].get("200", [0, 0])[1],
        "refusal_ms": flooded["milliseconds"].get("429", [0, 0])[0],
        "codes": flooded["codes"],
        "broken": flooded["broken"],
        "late": flooded["late"],
        "wrong": wrong(flooded, picture),
        "memory_mb": memory,
    }


def start(model: str, turns: int) -> dict[str, float]:
    """Import and command to ready, in turns."""
    imports, ready = [], []
    for _ in range(turns):
        imports.append(import_seconds())
        with Server(model) as server:
            ready.append(server.ready_seconds)
            with urllib.request.urlopen(f"{server.url}readyz") as answer:
                answer.read()
    both = statistics.median(imports), statistics.median(ready)
    return {
        "import_seconds": both[0],
        "ready_seconds": both[1],
        "over_import": both[1] / both[0],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sides", type=int, nargs="+", default=list(CASES))
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--overload", type=float, default=4.0)
    parser.add_argument("--overload_seconds", type=float, default=20.0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--in_process", help="a model, to be called here")
    parser.add_argument("--rows", type=int)
    requested = parser.parse_args()
    if requested.in_process:
        told = in_process(
            requested.in_process, requested.rows, requested.seconds
        )
        print(json.dumps(told))
        return
    with tempfile.TemporaryDirectory() as folder:
        found = {
            str(side): measure(requested, side, folder)
            for side in requested.sides
        }
        least = f"{folder}/{min(requested.sides)}"
        found["start"] = start(least, requested.rounds)
    for name, numbers in found.items():
        print(f"{name}: {json.dumps(numbers)}", flush=True)
    if requested.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
