"""Count what a server does, for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idphoto.server.sessions import SessionStore
    from idphoto.server.upload_memory import UploadMemory
    from idphoto.server.work.pool import WorkerPool

__all__ = ["Metrics"]

DURATION_BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """All metrics of one server, in their own registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "idphoto_requests", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.latency = Histogram(
            "idphoto_request_seconds",
            "Time from the first byte of a request to the last byte of its response.",
            ["route"],
            buckets=DURATION_BUCKETS_S,
            registry=self.registry,
        )
        self.stages = Histogram(
            "idphoto_stage_seconds",
            "Time in each stage of the work, and in the queue before it.",
            ["stage"],
            buckets=DURATION_BUCKETS_S,
            registry=self.registry,
        )
        self.rejected = Counter(
            "idphoto_rejected", "Requests that were refused, by reason.", ["reason"], registry=self.registry
        )
        self.spent = Counter("idphoto_credits_spent", "Credits settled.", ["capability"], registry=self.registry)
        self.received = Counter("idphoto_received_bytes", "Bytes of uploads.", registry=self.registry)
        self.stored = Counter("idphoto_results_stored", "Results returned as URLs.", registry=self.registry)
        self.swept = Counter("idphoto_results_deleted", "Results deleted after their expiry.", registry=self.registry)
        self.recovered = Counter(
            "idphoto_reservations_recovered", "Reservations of servers that died.", registry=self.registry
        )
        self.workers = Counter(
            "idphoto_worker_events", "Starts and ends of workers.", ["event"], registry=self.registry
        )
        self._queue = Gauge("idphoto_queue_depth", "Requests that wait for a worker.", registry=self.registry)
        self._running = Gauge("idphoto_jobs_running", "Requests that a worker works on.", registry=self.registry)
        self._ready = Gauge("idphoto_workers_ready", "Workers that are alive.", registry=self.registry)
        self._uploads = Gauge("idphoto_upload_bytes_held", "Memory that uploads use.", registry=self.registry)
        self._sessions = Gauge("idphoto_studio_sessions", "Photos open on the studio page.", registry=self.registry)
        self._session_bytes = Gauge(
            "idphoto_studio_bytes_held", "Memory of the photos open on the studio page.", registry=self.registry
        )

    def track_gauges(self, pool: WorkerPool, upload_memory: UploadMemory, sessions: SessionStore) -> None:
        """Read the gauges from the pool, the upload memory and the sessions whenever they are rendered."""
        self._sessions.set_function(lambda: sessions.count)
        self._session_bytes.set_function(lambda: sessions.used_bytes)
        self._queue.set_function(lambda: pool.waiting_count)
        self._running.set_function(lambda: pool.running_count)
        self._ready.set_function(lambda: pool.ready_count)
        self._uploads.set_function(lambda: upload_memory.used)

    def observe_timings(self, timings: Mapping[str, float]) -> None:
        """Record the milliseconds of each stage of one job."""
        for stage, milliseconds in timings.items():
            self.stages.labels(stage).observe(milliseconds / 1000)

    def render(self) -> bytes:
        """Return all metrics in the text format of Prometheus."""
        return generate_latest(self.registry)
