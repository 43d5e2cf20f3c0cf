"""Batches whose photos and results are in an object store: the same bytes, resumed, one run at a time."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing

import boto3
import pytest
from moto.server import ThreadedMotoServer

from idphoto.batch import BatchJob, run_batch
from idphoto.batch.lock import LOCK_FILE, hold_results
from idphoto.batch.place import open_place
from idphoto.errors import FolderInUse, InputError


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Return the URL of a bucket on a local S3."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="studio")
        yield "s3://studio"
    server.stop()


def test_a_batch_in_a_store_is_that_of_a_folder(bucket, sample, tmp_path) -> None:
    store, folder = open_place(f"{bucket}/in"), open_place(str(tmp_path / "in"))
    for place in (store, folder):
        place.write({"7b/a.jpg": sample.read_bytes(), "broken.jpg": b"not a picture"})
    jobs = [
        BatchJob(photos=f"{root}/in", documents="cn-1inch", out=f"{root}/out", sheets="10x15cm", workers=1)
        for root in (bucket, str(tmp_path))
    ]
    results = [run_batch(job) for job in jobs]
    assert [record.stem for record in results[0].records] == ["7b/a.cn-1inch", "broken.cn-1inch"]
    assert results[0].counts == results[1].counts
    there, here = (open_place(job.out) for job in jobs)
    names = [path for path in there.list("") if not path.startswith(".")]
    assert names == [path for path in here.list("") if not path.startswith(".")]
    assert "quarantine/broken.txt" in names
    assert "manifest.jsonl" in names
    for path in names:
        if path != "manifest.jsonl":
            assert there.read(path) == here.read(path), path
    assert run_batch(jobs[0]).worked_on == 0
    there.remove(["7b/a.cn-1inch.jpg"])
    assert run_batch(jobs[0]).worked_on == 1


def test_a_store_in_use_is_refused_until_its_lock_expires(bucket) -> None:
    out = f"{bucket}/used"
    with hold_results(out), pytest.raises(FolderInUse, match="process"), hold_results(out):
        pass
    place = open_place(out)
    assert place.read(LOCK_FILE) is None
    place.write({LOCK_FILE: json.dumps({"token": "0", "renewed": 0}).encode()})
    with hold_results(out):
        assert json.loads(place.read(LOCK_FILE))["token"] != "0"


def test_a_url_that_is_none_is_refused() -> None:
    with pytest.raises(InputError, match="not the URL"):
        open_place("nothing://here")
