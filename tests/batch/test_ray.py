"""The engine ray: the same bytes as the engine local, also when a node is lost on the way."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from idphoto.batch import BatchJob, run_batch
from idphoto.batch.record import Outcome

pytest.importorskip("ray", reason="Ray is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # Ray and its packages warn of themselves


def contents(out: Path) -> dict[str, bytes]:
    """Return all files by path; the manifest without its timings."""
    paths = [path for path in out.glob("**/*") if path.is_file() and not path.name.startswith(".")]
    found = {path.relative_to(out).as_posix(): path.read_bytes() for path in paths}
    lines = [{**json.loads(line), "timings": None} for line in found["manifest.jsonl"].splitlines()]
    return {**found, "manifest.jsonl": json.dumps(lines).encode()}


def test_a_node_that_is_lost_costs_nothing(portraits, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RAY_raylet_start_wait_time_s", "300")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    photos = tmp_path / "in"
    photos.mkdir()
    for path in portraits[:5]:
        (photos / path.name).write_bytes(path.read_bytes())
    (photos / "broken.jpg").write_text("not a picture")
    fields = {"photos": str(photos), "documents": "cn-1inch"}
    run_batch(BatchJob.model_validate({**fields, "out": str(tmp_path / "local")}))
    logging.getLogger("ray").setLevel(logging.ERROR)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    doomed = cluster.add_node(num_cpus=1)
    cluster.add_node(num_cpus=1)
    lost = []

    def lose_node(_total: int, outcome: Outcome | None) -> None:
        if outcome is not None and not lost:
            lost.append(outcome.number)
            cluster.remove_node(doomed, allow_graceful=False)

    try:
        job = {**fields, "out": str(tmp_path / "ray"), "engine": "ray", "address": cluster.address}
        result = run_batch(BatchJob.model_validate(job), listener=lose_node)
    finally:
        cluster.shutdown()
    assert lost
    assert result.worked_on == 6
    assert contents(tmp_path / "ray") == contents(tmp_path / "local")
