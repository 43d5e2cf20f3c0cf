"""The service under load: latency, throughput beside the library's own, memory, right answers.

    make bench-serve      (python -m benchmarks.serve [--seconds 60] [--workers N] [--memory 5000])

Starts a server with the settings that users get, on the cores that this process may use, and
sends it portraits of one megapixel from 1, 4, 16 and 64 clients at a time. Every answer is
compared with what the library makes of the same portrait, byte for byte. Writes its table into
``benchmarks/README.md`` between its markers.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64decode
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import httpx
from PIL import Image

ROOT = Path(__file__).parents[1]
README = ROOT / "benchmarks/README.md"
BEGIN, END = "<!-- serve -->", "<!-- /serve -->"
PATH = "/api/cutout/portrait/portrait-background-removal?response=base64"
CLIENTS = (1, 4, 16, 64)


def portraits(count: int) -> list[bytes]:
    """Portraits of one megapixel, each a little different."""
    with Image.open(ROOT / "samples/astronaut.jpg") as opened:
        source = opened.convert("RGB")
    made = []
    for number in range(count):
        file = BytesIO()
        crop = source.crop((number, 2 * number, 512 - number, 512 - 2 * number))
        crop.resize((896, 1120), Image.Resampling.LANCZOS).save(file, "JPEG", quality=92)
        made.append(file.getvalue())
    return made


def answer_of(image: bytes) -> str:
    """Fingerprint of what the library makes of a portrait."""
    import idphoto

    (made,) = idphoto.cutout(image).files.values()
    return hashlib.sha256(made).hexdigest()


def _one_thread() -> None:
    import cv2

    import idphoto

    cv2.setNumThreads(1)
    idphoto.cutout(portraits(1)[0])


def _work(image: bytes) -> float:
    import idphoto

    begun = time.process_time()
    idphoto.cutout(image)
    return time.process_time() - begun


def library(images: list[bytes], workers: int, seconds: float) -> tuple[float, float]:
    """Portraits a second that the library alone makes in as many processes, and CPU seconds for each."""
    os.environ["OMP_NUM_THREADS"] = os.environ["IDPHOTO_THREADS"] = "1"
    import multiprocessing

    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_one_thread) as pool:
        list(pool.map(_work, images[:1] * workers * 2))
        begun, spent = time.perf_counter(), []
        while time.perf_counter() - begun < seconds:
            spent += pool.map(_work, images * 2)
        return len(spent) / (time.perf_counter() - begun), statistics.fmean(spent)


def threads(images: list[bytes], workers: int, seconds: float) -> float:
    """Portraits a second in threads of one process: what a pool of threads could give at best."""
    with ThreadPoolExecutor(workers) as pool:
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            done += len(list(pool.map(_work, images * 2)))
        return done / (time.perf_counter() - begun)


class Server:
    """A server in a process of its own."""

    def __init__(self, workers: int, folder: Path) -> None:
        log = (folder / "log").open("wb")
        environment = {"IDPHOTO_RATE": "100000/second", "IDPHOTO_DATA": str(folder / "data")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "idphoto", "serve", "--port", "0", "--workers", str(workers)],
            env={**os.environ, **environment},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        keys = [sys.executable, "-m", "idphoto", "keys", "create", "bench", "--credits", "10000000"]
        for _ in range(600):
            time.sleep(0.1)
            lines = [json.loads(line) for line in (folder / "log").read_text().splitlines() if line.startswith("{")]
            port = next((line["port"] for line in lines if line.get("event") == "listening"), None)
            self.url = f"http://127.0.0.1:{port}"
            with suppress(httpx.TransportError):  # not yet
                if port and self.figure("workers_ready") == workers:
                    break
        done = subprocess.run(keys, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
        self.key = done.stdout.strip()

    def figure(self, name: str) -> float:
        """One of the server's own figures."""
        text = httpx.get(f"{self.url}/metrics").text
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"idphoto_{name} "))

    def cpu(self) -> float:
        """CPU seconds that the server and its workers have taken so far."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(_cpu(int(pid)) for pid in (self.process.pid, *children))

    def memory(self) -> tuple[int, int]:
        """Resident bytes of the server, and of its workers together."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return _rss(self.process.pid), sum(_rss(int(child)) for child in children)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _rss(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def load(server: Server, images: dict[bytes, str], clients: int, seconds: float, most: int = 10**9) -> dict:
    """Send requests from so many clients, each of which waits for its answer."""
    times: list[float] = []
    wrong = refused = 0
    begun = time.perf_counter()
    pictures = list(images.items())

    async def client(number: int) -> None:
        nonlocal wrong, refused
        place = number
        async with httpx.AsyncClient(
            base_url=server.url, headers={"ailabapi-api-key": server.key}, timeout=300
        ) as http:
            while time.perf_counter() - begun < seconds and len(times) < most:
                image, expected = pictures[place % len(pictures)]
                place += 1
                start = time.perf_counter()
                answer = await http.post(PATH, files={"image": ("image.jpg", image, "image/jpeg")})
                if answer.status_code in (429, 503):
                    refused += 1
                    await asyncio.sleep(0.2)
                    continue
                times.append(time.perf_counter() - start)
                made = b64decode(answer.json()["data"]["image_base64"]) if answer.status_code == 200 else b""
                wrong += hashlib.sha256(made).hexdigest() != expected

    await asyncio.gather(*(client(number) for number in range(clients)))
    elapsed = time.perf_counter() - begun
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 99
    return {
        "clients": clients, "requests": len(times), "wrong": wrong, "refused": refused,
        "p50": cuts[49], "p95": cuts[94], "rate": len(times) / elapsed,
    }  # fmt: skip


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="per number of clients")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--memory", type=int, default=5000, help="requests after which memory is compared")
    parser.add_argument("--note", default="", help="what else is to be known about this run")
    chosen = parser.parse_args()
    images = portraits(8)
    expected = {image: answer_of(image) for image in images}
    spawned, alone_cpu = library(images, chosen.workers, min(30.0, chosen.seconds))
    threaded = threads(images, chosen.workers, min(15.0, chosen.seconds))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(chosen.workers, Path(folder))
        try:
            asyncio.run(load(server, expected, chosen.workers, 3))
            before = server.cpu()
            for clients in CLIENTS:
                rows.append(asyncio.run(load(server, expected, clients, chosen.seconds)))
                print(rows[-1], flush=True)
            each = (server.cpu() - before) / sum(row["requests"] for row in rows)
            again, _ = library(images, chosen.workers, min(30.0, chosen.seconds))
            tenth = chosen.memory // 10
            asyncio.run(load(server, expected, 4, 3600, tenth))
            first = server.memory()
            asyncio.run(load(server, expected, 4, 7200, chosen.memory - tenth))
            last = server.memory()
        finally:
            server.process.terminate()
            server.process.wait()
    best = max(row["rate"] for row in rows)
    alone = (spawned + again) / 2
    lines = [
        f"{platform.machine()}, {chosen.workers} cores, Python {platform.python_version()}; "
        f"{chosen.seconds:g} s a row; portraits of 896x1120 pixels, answers in BASE64. {chosen.note}".strip(),
        "",
        "| clients | requests | p50 ms | p95 ms | per second | of the library | wrong | refused |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['clients']} | {row['requests']} | {row['p50'] * 1000:.0f} | {row['p95'] * 1000:.0f} "
            f"| {row['rate']:.2f} | {row['rate'] / alone:.0%} | {row['wrong']} | {row['refused']} |"
        )
    lines += [
        "",
        f"The library alone, in {chosen.workers} processes of one thread: {spawned:.2f} per second before and "
        f"{again:.2f} after; in {chosen.workers} threads of one process {threaded:.2f}. "
        f"The service reaches {best / alone:.0%}.",
        "",
        f"CPU for each portrait, which a busy machine changes little: library {alone_cpu * 1000:.0f} ms, service with "
        f"server, form and BASE64 {each * 1000:.0f} ms, so {alone_cpu / each:.0%}.",
        "",
        f"Memory after {tenth} and after {chosen.memory} requests: server {first[0] / 2**20:.0f} and "
        f"{last[0] / 2**20:.0f} MB, workers together {first[1] / 2**20:.0f} and {last[1] / 2**20:.0f} MB "
        f"({(sum(last) / sum(first) - 1):+.1%}).",
    ]
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text:
        text = text.rstrip() + f"\n\n## The service\n\n`make bench-serve`\n\n{BEGIN}\n{END}\n"
    head, rest = text.split(BEGIN)
    README.write_text(head + BEGIN + "\n" + "\n".join(lines) + "\n" + END + rest.split(END)[1], encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
