"""Measure batches: photos per second and per core, what the batch adds, memory, engines, and runs that are killed.

    make bench-batch      (python -m benchmarks.batch [--photos 24] [--kills 50])

Repeats the portraits of the tests under other names, at one and twelve megapixels, and makes `cn-1inch` of each, with
one and two workers of each engine that is installed. The first photos of each worker, for which models are loaded, do
not count. Then a run is killed at random moments and started again, and the end compared, byte for byte, with that of
an undisturbed run. Writes its table into ``benchmarks/README.md``, between the markers.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from benchmarks.pages import insert_text
from idphoto.batch import BatchJob, run_batch
from idphoto.batch.record import Outcome

ROOT = Path(__file__).parents[1]
README = ROOT / "benchmarks/README.md"
SIZES = {"1 MP": (896, 1120), "12 MP": (3000, 4000)}
WORKERS = (1, 2)
SPEC = "cn-1inch"


class Figures(NamedTuple):
    """What one run gave; times in seconds."""

    rate: float
    work: float
    cpu: float
    memory_mb: float


def write_photos(folder: Path, size: tuple[int, int], count: int) -> None:
    """Write portraits of a size, each a little different."""
    sources = sorted((ROOT / "tests/portraits").glob("*.jpg"))
    folder.mkdir(parents=True)
    for number in range(count):
        with Image.open(sources[number % len(sources)]) as opened:
            shift = number // len(sources)
            crop = opened.convert("RGB").crop((shift, shift, opened.width, opened.height))
        file = BytesIO()
        crop.resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=92)
        (folder / f"{number:05d}.jpg").write_bytes(file.getvalue())


def worker_processes() -> list[int]:
    """Return the ids of all worker processes of this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if b"idphoto.batch.engines.local_worker" in path.read_bytes() and _is_ours(int(path.parent.name)):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _is_ours(process: int) -> bool:
    """Return True if a process descends from this one."""
    while process > 1:
        if process == os.getpid():
            return True
        process = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def cpu_seconds(process: int) -> float:
    """Return the time that a process has spent on cores."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_mb(process: int) -> float:
    """Return the greatest resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure(photos: Path, out: Path, engine: str, workers: int) -> Figures:
    """Run a batch, and measure the part in which all workers have their models."""
    times: list[float] = []
    seconds: list[float] = []
    cpu: dict[int, float] = {}
    facts: dict[str, float] = {}
    warm_up = 3 * workers

    def listen(_total: int, outcome: Outcome | None) -> None:
        if outcome is None:
            return
        times.append(time.perf_counter())
        seconds.append(outcome.seconds)
        processes = worker_processes()
        if len(times) == warm_up:
            cpu.update({process: cpu_seconds(process) for process in processes})
        elif len(times) > warm_up and set(cpu) <= set(processes):
            facts["cpu"] = sum(cpu_seconds(process) - cpu[process] for process in cpu)
            facts["count"] = len(times) - warm_up
            facts["memory"] = max(peak_mb(process) for process in processes)

    run_batch(
        BatchJob(photos=str(photos), documents=SPEC, out=str(out), engine=engine, workers=workers), listener=listen
    )
    assert facts, "too few photos: a worker had ended before the second measurement"
    count = len(times) - warm_up
    rate = count / (times[-1] - times[warm_up - 1])
    return Figures(rate, sum(seconds[warm_up:]) / count, facts["cpu"] / facts["count"], facts["memory"])


def contents(out: Path) -> dict[str, bytes]:
    """Return all files of a folder for results by path; the manifest without its timings."""
    paths = [path for path in out.glob("**/*") if path.is_file() and not path.name.startswith(".")]
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}
    lines = [{**json.loads(line), "timings": None} for line in found["manifest.jsonl"].splitlines()]
    return {**found, "manifest.jsonl": json.dumps(lines).encode()}


def kill_often(photos: Path, folder: Path, kills: int) -> str:
    """Kill a run at random moments and start it again; return what was compared at the end."""
    chance = random.Random(1)
    command = [sys.executable, "-m", "idphoto", "batch", str(photos), "--spec", SPEC, "--progress", "off"]
    start = time.perf_counter()
    subprocess.run([*command, "--out", str(folder / "undisturbed")], cwd=ROOT, check=False)
    whole = time.perf_counter() - start
    finished = 0
    for _ in range(kills):
        process = subprocess.Popen([*command, "--out", str(folder / "killed")], cwd=ROOT)
        time.sleep(chance.uniform(0, whole))
        process.send_signal(signal.SIGKILL)
        process.wait()
        manifest = folder / "killed/manifest.jsonl"
        lines = manifest.read_bytes().count(b"\n") if manifest.exists() else 0
        assert lines >= finished, "a record was lost"
        finished = lines
    subprocess.run([*command, "--out", str(folder / "killed")], cwd=ROOT, check=False)
    undisturbed, killed = contents(folder / "undisturbed"), contents(folder / "killed")
    differing = sorted(path for path in undisturbed.keys() | killed.keys() if undisturbed.get(path) != killed.get(path))
    assert not differing, differing
    return f"Killed {kills} times at random moments, then finished: {len(undisturbed)} files, all equal byte for byte."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--kills", type=int, default=50)
    arguments = parser.parse_args()
    engines = ["local", *(["ray"] if importlib.util.find_spec("ray") else [])]
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for label, size in SIZES.items():
            write_photos(folder / label, size, arguments.photos)
            for engine in engines:
                for workers in WORKERS:
                    found = measure(folder / label, folder / f"{label}-{engine}-{workers}", engine, workers)
                    per_core = found.rate / workers
                    rows.append(
                        f"| {label} | {engine} | {workers} | {found.rate:.2f} | {per_core:.2f} | {found.work:.2f} | "
                        f"{found.cpu:.2f} | {100 * (1 - found.rate * found.work / workers):.1f} % | "
                        f"{found.memory_mb:.0f} |"
                    )
                    print(rows[-1], f"load {os.getloadavg()[0]:.0f}", flush=True)
        killed = kill_often(folder / next(iter(SIZES)), folder, arguments.kills) if arguments.kills else ""
    load = os.getloadavg()[0]
    text = [
        f"Measured by `make bench-batch` on {os.cpu_count()} cores ({platform.machine()}, Python "
        f"{platform.python_version()}), {arguments.photos} photos a row to `{SPEC}`. At the end, {load:.0f} processes "
        "of this and other programs wanted a core.",
        "",
        "| source | engine | workers | photos/s | per core | s in the worker | core-s a photo | idle | MB a worker |",
        "|---|---|---|---|---|---|---|---|---|",
        *rows,
        "",
        killed,
    ]
    insert_text(README, "batch", "\n".join(text).rstrip())


if __name__ == "__main__":
    main()
