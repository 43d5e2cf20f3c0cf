"""Batches that run: killed and resumed, in use, with photos that cannot be made, corrected and strict."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from idphoto.batch import BatchJob, run_batch
from idphoto.batch.engines.local import LocalEngine
from idphoto.batch.lock import hold_results
from idphoto.batch.manifest import read_manifest
from idphoto.batch.place import open_place
from idphoto.batch.record import Fault, Order, Task
from idphoto.batch.roster import Person
from idphoto.batch.work import WorkSettings
from idphoto.errors import BackendError, FolderInUse, InputError, WorkerLost
from idphoto.job import Job

DOCUMENTS = "cn-1inch,us-visa-digital"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, portraits) -> Path:
    """Return a folder with three portraits, one of them in a folder, and a file that is no picture."""
    folder = tmp_path_factory.mktemp("batch") / "in"
    (folder / "7b").mkdir(parents=True)
    for path, name in zip(portraits, ("a.jpg", "b.jpg", "7b/c.jpg"), strict=False):
        (folder / name).write_bytes(path.read_bytes())
    (folder / "broken.jpg").write_text("not a picture")
    return folder


@pytest.fixture(scope="module")
def undisturbed(folder) -> Path:
    """Return the folder for results of a run that nothing disturbed."""
    out = folder.parent / "undisturbed"
    result = run_batch(BatchJob(photos=str(folder), documents=DOCUMENTS, out=str(out)))
    assert (len(result.records), result.worked_on, result.exit_code) == (8, 8, 2)
    return out


def command(folder: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "idphoto", "batch", str(folder), "--spec", DOCUMENTS, "--out", str(out), *more]


def contents(out: Path) -> dict[str, bytes]:
    """Return all files by path; the manifest without its timings, which no two runs have in common."""
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.glob("**/*") if path.is_file()}
    lines = [{**json.loads(line), "timings": None} for line in found["manifest.jsonl"].splitlines()]
    return {**found, "manifest.jsonl": json.dumps(lines).encode()}


def test_everything_is_made_and_recorded(undisturbed) -> None:
    records = read_manifest(open_place(str(undisturbed)))
    assert [record.stem for record in records][:2] == ["7b/c.cn-1inch", "7b/c.us-visa-digital"]
    for record in records[:2]:
        for file in record.files:
            assert (undisturbed / file.path).stat().st_size == file.bytes
        report = json.loads((undisturbed / f"{record.stem}.json").read_text())
        assert (report["status"], report["timings"]) == (record.status, {})
    rows = list(csv.DictReader((undisturbed / "summary.csv").read_text("utf-8-sig").splitlines()))
    assert len(rows) == 8
    assert rows[0]["head_mm"] and rows[0]["kb"] and rows[0]["status"] == records[0].status
    assert "not a picture" in (undisturbed / "quarantine/broken.txt").read_text()
    assert (undisturbed / "quarantine/broken.jpg").read_text() == "not a picture"


def test_a_killed_run_goes_on_and_ends_as_an_undisturbed_one(folder, undisturbed, tmp_path) -> None:
    chance = random.Random(20260930)
    out = tmp_path / "out"
    finished: list[int] = []
    for _ in range(3):
        process = subprocess.Popen(command(folder, out, "--progress", "jsonl"), cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        results = 0
        for line in process.stdout:
            results += json.loads(line)["event"] == "result"
            if results == 1 + len(finished):
                break
        time.sleep(chance.uniform(0, 0.8))
        process.kill()
        process.wait()
        process.stdout.close()
        finished.append(sum(1 for line in (out / "manifest.jsonl").read_bytes().splitlines() if line.endswith(b"}")))
        for path in out.glob("**/*.jpg"):
            assert (
                path.parts[-2] == "quarantine"
                or path.read_bytes() == (undisturbed / path.relative_to(out)).read_bytes()
            )
    assert finished == sorted(finished)
    with (out / "manifest.jsonl").open("ab") as manifest:
        manifest.write(b'{"id": "half a li')
    (out / ".idphoto-0123456789abcdef.tmp").write_bytes(b"half a picture")
    done = subprocess.run(command(folder, out), cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2, done.stderr
    assert f"{finished[-1]} finished before" in done.stdout
    assert contents(out) == contents(undisturbed)


def test_what_changed_is_made_again_and_nothing_else(folder, undisturbed, tmp_path, portraits) -> None:
    out = tmp_path / "out"
    job = BatchJob(photos=str(folder), documents="cn-1inch", out=str(out))
    for path in undisturbed.glob("**/*"):
        if path.is_file():
            (out / path.relative_to(undisturbed)).parent.mkdir(parents=True, exist_ok=True)
            (out / path.relative_to(undisturbed)).write_bytes(path.read_bytes())
    assert run_batch(job).worked_on == 0
    (out / "a.cn-1inch.jpg").write_bytes(b"changed")
    (out / "b.cn-1inch.json").unlink()
    result = run_batch(job)
    assert result.worked_on == 2
    assert (out / "a.cn-1inch.jpg").read_bytes() == (undisturbed / "a.cn-1inch.jpg").read_bytes()


def test_a_corrected_photo_stands_for_the_original(undisturbed, tmp_path, portraits) -> None:
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    (photos / "x.heic").write_text("not a picture")
    job = BatchJob(photos=str(photos), documents="cn-1inch", out=str(out))
    assert run_batch(job).counts == {"quarantined": 1}
    assert run_batch(job).worked_on == 0
    assert run_batch(job, retry=True).counts == {"quarantined": 1}
    (out / "quarantine/x.jpg").write_bytes(portraits[0].read_bytes())
    result = run_batch(job, retry=True)
    assert result.records[0].is_made
    assert result.records[0].original_sha256
    assert (out / "x.cn-1inch.jpg").is_file()
    assert not [path for path in out.glob("quarantine/*") if path.suffix == ".txt"]
    assert run_batch(job).worked_on == 0
    (photos / "x.heic").write_text("another file that is not a picture")
    assert run_batch(job).counts == {"quarantined": 1}


def test_everybody_in_one_picture_is_made_and_resumed(sample, tmp_path) -> None:
    (tmp_path / "in").mkdir()
    one = Image.open(sample)
    group = Image.new("RGB", (2 * one.width, one.height))
    group.paste(one, (0, 0)), group.paste(one, (one.width, 0))
    group.save(tmp_path / "in/class.png")
    fields = {"photos": str(tmp_path / "in"), "documents": "cn-1inch", "out": str(tmp_path / "out")}
    job = BatchJob.model_validate({**fields, "options": {"face": "all"}})
    result = run_batch(job)
    assert [(record.person, record.stem) for record in result.records] == [
        (1, "class-1.cn-1inch"),
        (2, "class-2.cn-1inch"),
    ]
    assert run_batch(job).worked_on == 0
    (tmp_path / "out/class-2.cn-1inch.jpg").unlink()
    assert run_batch(job).worked_on == 2
    one.save(tmp_path / "in/class-2.png")
    with pytest.raises(InputError, match="person 2 of"):
        run_batch(job)


def test_strict_stops_at_the_first_and_keeps_what_was_made(folder, tmp_path) -> None:
    job = BatchJob(photos=str(folder), documents="cn-1inch", out=str(tmp_path / "out"), strict=True, workers=1)
    result = run_batch(job)
    assert result.stopped
    assert result.exit_code == 2
    assert 0 < len(result.records) <= 4
    assert len(read_manifest(open_place(job.out))) == len(result.records)


def test_a_folder_in_use_is_refused(folder, tmp_path) -> None:
    out = tmp_path / "out"
    with hold_results(str(out)):
        done = subprocess.run(command(folder, out), cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 2
        assert FolderInUse.code in done.stderr
        assert str(os.getpid()) in done.stderr
    assert not (out / "manifest.jsonl").exists()


def test_a_damaged_manifest_is_refused(folder, tmp_path) -> None:
    (tmp_path / "manifest.jsonl").write_text('{"id": 1}\n{"id": 2}\n')
    with pytest.raises(InputError, match=r"Line 1 of manifest.jsonl"):
        run_batch(BatchJob(photos=str(folder), documents="cn-1inch", out=str(tmp_path)))


def test_a_worker_that_dies_costs_its_photo_alone(folder, tmp_path) -> None:
    settings = WorkSettings(str(tmp_path), Job(), {})
    fault = Fault(code="input.unreadable", message="There is no photo.")
    orders = (Order("cn-1inch", "x", 1),)
    tasks = [Task(number, Person(str(number)), "", "", str(number), orders, fault=fault) for number in range(4)]
    tasks[1] = replace(tasks[1], orders=_Deadly(orders))
    with LocalEngine(settings, 2) as engine:
        outcomes = {outcome.number: outcome for outcome in engine.run(tasks)}
    codes = [outcomes[number].records[0].fault.code for number in range(4)]
    assert codes == ["input.unreadable", WorkerLost.code, "input.unreadable", "input.unreadable"]


class _Deadly(tuple):
    """Orders that end the worker process that unpickles them."""

    def __reduce__(self):
        return os._exit, (9,)


def test_results_that_cannot_be_written_stop_the_batch(folder, tmp_path) -> None:
    out = tmp_path / "out"
    (out / "7b").parent.mkdir()
    (out / "7b").write_text("a file in the place of a folder")
    with pytest.raises(InputError, match="cannot be written"):
        run_batch(BatchJob(photos=str(folder), documents="cn-1inch", out=str(out)))


def test_a_missing_model_stops_the_batch(folder, tmp_path) -> None:
    job = BatchJob(photos=str(folder), documents="cn-1inch", out=str(tmp_path), options={"matter": "no-such"})
    with pytest.raises(BackendError):
        run_batch(job)
