"""Measure the service under load: latency, throughput beside that of the library, memory, and right answers.

    make bench-serve      (python -m benchmarks.serve [--seconds 60] [--workers N] [--memory 5000])

Starts a server with the default settings, on the cores that this process may use. Then 1, 4, 16 and 64 clients at a
time send it portraits of one megapixel. Every answer is compared, byte for byte, with the result of the library for the
same portrait. Writes its table into ``benchmarks/README.md``, between the markers.
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
from typing import NamedTuple

import httpx
from PIL import Image

from benchmarks.pages import insert_text

ROOT = Path(__file__).parents[1]
README = ROOT / "benchmarks/README.md"
ENDPOINT = "/api/cutout/portrait/portrait-background-removal?response=base64"
CLIENT_COUNTS = (1, 4, 16, 64)


def make_portraits(count: int) -> list[bytes]:
    """Make portraits of one megapixel, each a little different."""
    with Image.open(ROOT / "samples/astronaut.jpg") as opened:
        source = opened.convert("RGB")
    made = []
    for number in range(count):
        file = BytesIO()
        crop = source.crop((number, 2 * number, 512 - number, 512 - 2 * number))
        crop.resize((896, 1120), Image.Resampling.LANCZOS).save(file, "JPEG", quality=92)
        made.append(file.getvalue())
    return made


def hash_answer(image: bytes) -> str:
    """Return the SHA-256 of the library's cutout of a portrait."""
    import idphoto

    (made,) = idphoto.cutout(image).files.values()
    return hashlib.sha256(made).hexdigest()


def _use_one_thread() -> None:
    import cv2

    import idphoto

    cv2.setNumThreads(1)
    idphoto.cutout(make_portraits(1)[0])


def _cut_out(image: bytes) -> float:
    import idphoto

    begun = time.process_time()
    idphoto.cutout(image)
    return time.process_time() - begun


def measure_processes(images: list[bytes], workers: int, seconds: float) -> tuple[float, float]:
    """Measure the library alone in some processes; return portraits per second, and CPU seconds for each."""
    os.environ["OMP_NUM_THREADS"] = os.environ["IDPHOTO_THREADS"] = "1"
    import multiprocessing

    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_use_one_thread) as pool:
        list(pool.map(_cut_out, images[:1] * workers * 2))
        begun, spent = time.perf_counter(), []
        while time.perf_counter() - begun < seconds:
            spent += pool.map(_cut_out, images * 2)
        return len(spent) / (time.perf_counter() - begun), statistics.fmean(spent)


def measure_threads(images: list[bytes], workers: int, seconds: float) -> float:
    """Measure the portraits per second of the library in threads of one process, for comparison."""
    with ThreadPoolExecutor(workers) as pool:
        begun, done = time.perf_counter(), 0
        while time.perf_counter() - begun < seconds:
            done += len(list(pool.map(_cut_out, images * 2)))
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
            with suppress(httpx.TransportError):  # the server does not listen yet
                if port and self.read_metric("workers_ready") == workers:
                    break
        done = subprocess.run(keys, env={**os.environ, **environment}, capture_output=True, text=True, check=True)
        self.key = done.stdout.strip()

    def read_metric(self, name: str) -> float:
        """Read one of the server's metrics."""
        text = httpx.get(f"{self.url}/metrics").text
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"idphoto_{name} "))

    def read_cpu(self) -> float:
        """Read the CPU seconds that the server and its workers have used."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return sum(_cpu_seconds(int(pid)) for pid in (self.process.pid, *children))

    def read_memory(self) -> tuple[int, int]:
        """Read the resident bytes of the server, and of all its workers together."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return _resident_bytes(self.process.pid), sum(_resident_bytes(int(child)) for child in children)


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def send_requests(
    server: Server, images: dict[bytes, str], clients: int, seconds: float, max_requests: int = 10**9
) -> dict:
    """Send requests from some clients, each of which waits for its answer; return the figures of a row.

    `images` are the portraits, with the hash of the right answer.
    """
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
            while time.perf_counter() - begun < seconds and len(times) < max_requests:
                image, expected = pictures[place % len(pictures)]
                place += 1
                start = time.perf_counter()
                answer = await http.post(ENDPOINT, files={"image": ("image.jpg", image, "image/jpeg")})
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


class Library(NamedTuple):
    """The speed of the library alone.

    Attributes
    ----------
    before, after : float
        Portraits per second in processes, before and after the server was measured.
    threads : float
        Portraits per second in threads of one process.
    cpu_s : float
        CPU seconds for each portrait.
    """

    before: float
    after: float
    threads: float
    cpu_s: float


class Service(NamedTuple):
    """The figures of the service.

    Attributes
    ----------
    rows : list of dict
        The figures for each number of clients.
    cpu_s : float
        CPU seconds for each portrait.
    first, last : tuple of int
        Resident bytes of server and workers, after a tenth of the requests and after all.
    """

    rows: list[dict]
    cpu_s: float
    first: tuple[int, int]
    last: tuple[int, int]


def measure(images: list[bytes], workers: int, seconds: float, requests: int) -> tuple[Library, Service]:
    """Measure library and service; `requests` is the number after which memory is compared."""
    expected = {image: hash_answer(image) for image in images}
    before, library_cpu_s = measure_processes(images, workers, min(30.0, seconds))
    threads = measure_threads(images, workers, min(15.0, seconds))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(workers, Path(folder))
        try:
            asyncio.run(send_requests(server, expected, workers, 3))
            cpu = server.read_cpu()
            for clients in CLIENT_COUNTS:
                rows.append(asyncio.run(send_requests(server, expected, clients, seconds)))
                print(rows[-1], flush=True)
            service_cpu_s = (server.read_cpu() - cpu) / sum(row["requests"] for row in rows)
            after, _ = measure_processes(images, workers, min(30.0, seconds))
            asyncio.run(send_requests(server, expected, 4, 3600, requests // 10))
            first = server.read_memory()
            asyncio.run(send_requests(server, expected, 4, 7200, requests - requests // 10))
            last = server.read_memory()
        finally:
            server.process.terminate()
            server.process.wait()
    return Library(before, after, threads, library_cpu_s), Service(rows, service_cpu_s, first, last)


def format_report(library: Library, service: Service, chosen: argparse.Namespace) -> str:
    """Format the table and the sentences below it."""
    alone = (library.before + library.after) / 2
    best = max(row["rate"] for row in service.rows)
    first, last = service.first, service.last
    lines = [
        f"{platform.machine()}, {chosen.workers} cores, Python {platform.python_version()}; "
        f"{chosen.seconds:g} s a row; portraits of 896x1120 pixels, answers in BASE64. {chosen.note}".strip(),
        "",
        "| clients | requests | p50 ms | p95 ms | per second | of the library | wrong | refused |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in service.rows:
        lines.append(
            f"| {row['clients']} | {row['requests']} | {row['p50'] * 1000:.0f} | {row['p95'] * 1000:.0f} "
            f"| {row['rate']:.2f} | {row['rate'] / alone:.0%} | {row['wrong']} | {row['refused']} |"
        )
    lines += [
        "",
        f"The library alone, in {chosen.workers} processes of one thread: {library.before:.2f} per second before and "
        f"{library.after:.2f} after; in {chosen.workers} threads of one process {library.threads:.2f}. "
        f"The service reaches {best / alone:.0%}.",
        "",
        "CPU for each portrait, which depends little on the load of the machine: library "
        f"{library.cpu_s * 1000:.0f} ms, service with server, form and BASE64 {service.cpu_s * 1000:.0f} ms, "
        f"so {library.cpu_s / service.cpu_s:.0%}.",
        "",
        f"Memory after {chosen.memory // 10} and after {chosen.memory} requests: server {first[0] / 2**20:.0f} and "
        f"{last[0] / 2**20:.0f} MB, workers together {first[1] / 2**20:.0f} and {last[1] / 2**20:.0f} MB "
        f"({(sum(last) / sum(first) - 1):+.1%}).",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure and write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="for each number of clients")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--memory", type=int, default=5000, help="requests after which memory is compared")
    parser.add_argument("--note", default="", help="a sentence about this run for the page")
    chosen = parser.parse_args()
    library, service = measure(make_portraits(8), chosen.workers, chosen.seconds, chosen.memory)
    text = format_report(library, service, chosen)
    insert_text(README, "serve", text)
    print(text)


if __name__ == "__main__":
    main()
