"""Folders that are watched: files in pieces, temporary names, folders inside, clashes, and a restart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from idphoto.batch import BatchJob, watch_folder
from idphoto.batch.manifest import read_manifest
from idphoto.batch.place import open_place
from idphoto.batch.record import Outcome
from idphoto.errors import IdPhotoError, InputError

DEADLINE_S = 120.0


class Watch:
    """A watch that runs in a thread, and what it told."""

    def __init__(self, job: BatchJob) -> None:
        self.outcomes: list[Outcome] = []
        self.problems: list[IdPhotoError] = []
        self.stop = threading.Event()
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(job,))
        self._thread.start()

    def _run(self, job: BatchJob) -> None:
        try:
            watch_folder(job, self.stop, settle_s=0.6, on_outcome=self.outcomes.append, on_problem=self.problems.append)
        except BaseException as error:
            self.error = error

    def wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert self.error is None, self.error
            assert time.monotonic() < end, (self.outcomes, self.problems)
            time.sleep(0.05)

    def close(self) -> None:
        self.stop.set()
        self._thread.join(DEADLINE_S)
        assert self.error is None


@contextmanager
def watching(job: BatchJob) -> Iterator[Watch]:
    watch = Watch(job)
    try:
        yield watch
    finally:
        watch.close()


def job_of(folder: Path, **fields: object) -> BatchJob:
    (folder / "in").mkdir(exist_ok=True)
    wanted = {"documents": "cn-1inch", "photos": str(folder / "in"), "out": str(folder / "out"), "workers": 1, **fields}
    return BatchJob.model_validate(wanted)


def test_photos_are_made_as_they_arrive_and_a_restart_goes_on(sample, tmp_path) -> None:
    job, folder, data = job_of(tmp_path), tmp_path / "in", sample.read_bytes()
    with watching(job) as watch:
        # In pieces, with pauses shorter than the time to settle.
        with (folder / "pieces.jpg").open("wb") as file:
            for start in range(0, len(data), len(data) // 3 + 1):
                file.write(data[start : start + len(data) // 3 + 1])
                file.flush()
                time.sleep(0.25)
        # By a temporary name, in a folder that appears after the start.
        (folder / "class").mkdir()
        (folder / "class/renamed.part").write_bytes(data)
        (folder / ".hidden.jpg").write_bytes(data)
        watch.wait(lambda: len(watch.outcomes) == 1)
        (folder / "class/renamed.part").rename(folder / "class/renamed.jpg")
        watch.wait(lambda: len(watch.outcomes) == 2)
    records = {record.stem: record for record in read_manifest(open_place(job.out))}
    assert set(records) == {"pieces.cn-1inch", "class/renamed.cn-1inch"}
    assert all(record.is_made for record in records.values())
    assert (tmp_path / "out/summary.csv").read_text("utf-8-sig").count("\n") == 3
    (folder / "late.jpg").write_bytes(data)
    with watching(job) as watch:
        watch.wait(lambda: len(watch.outcomes) == 3)
        assert sum(outcome.reused for outcome in watch.outcomes) == 2
        # Half a file that rests longer is set aside, and made when the rest arrives.
        (folder / "slow.jpg").write_bytes(data[: len(data) // 2])
        watch.wait(lambda: len(watch.outcomes) == 4)
        assert watch.outcomes[3].records[0].fault is not None
        assert (tmp_path / "out/quarantine/slow.txt").is_file()
        (folder / "slow.jpg").write_bytes(data)
        watch.wait(lambda: len(watch.outcomes) == 5)
        assert watch.outcomes[4].records[0].is_made
        assert not (tmp_path / "out/quarantine/slow.txt").exists()
        # Two results of one name are told, and nothing is lost.
        (folder / "late.png").write_bytes(data)
        watch.wait(lambda: len(watch.problems) == 1)
        assert "same file" in str(watch.problems[0])
    assert len(read_manifest(open_place(job.out))) == 4


def test_a_folder_that_is_none_is_refused(tmp_path) -> None:
    job = job_of(tmp_path)
    for photos in (str(tmp_path / "none"), "s3://bucket/photos"):
        with pytest.raises(InputError):
            watch_folder(job.model_copy(update={"photos": photos}), threading.Event())
