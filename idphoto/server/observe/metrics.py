"""Figures for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from idphoto.server.upload_memory import UploadMemory
    from idphoto.server.work.pool import Pool

__all__ = ["Metrics"]

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class Metrics:
    """All figures of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "idphoto_requests", "Requests by route and status.", ["route", "status"], registry=self.registry
        )
        self.latency = Histogram(
            "idphoto_request_seconds",
            "From the first byte of a request to the last of its answer.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.stages = Histogram(
            "idphoto_stage_seconds",
            "Time in each stage of the work, and in the queue before it.",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.rejected = Counter(
            "idphoto_rejected", "Requests that were refused, by reason.", ["reason"], registry=self.registry
        )
        self.spent = Counter("idphoto_credits_spent", "Credits settled.", ["capability"], registry=self.registry)
        self.received = Counter("idphoto_received_bytes", "Bytes of uploads.", registry=self.registry)
        self.stored = Counter("idphoto_results_stored", "Results given as addresses.", registry=self.registry)
        self.swept = Counter("idphoto_results_deleted", "Results deleted after their time.", registry=self.registry)
        self.recovered = Counter(
            "idphoto_reservations_recovered", "Reservations of servers that died.", registry=self.registry
        )
        self.workers = Counter(
            "idphoto_worker_events", "Starts and ends of workers.", ["event"], registry=self.registry
        )
        self._queue = Gauge("idphoto_queue_depth", "Requests that wait for a worker.", registry=self.registry)
        self._running = Gauge("idphoto_jobs_running", "Requests that are worked on.", registry=self.registry)
        self._ready = Gauge("idphoto_workers_ready", "Workers that are alive.", registry=self.registry)
        self._uploads = Gauge("idphoto_upload_bytes_held", "Memory that uploads take.", registry=self.registry)

    def watch(self, pool: Pool, upload_memory: UploadMemory) -> None:
        """Read the gauges from a pool and from an upload budget when they are asked for."""
        self._queue.set_function(lambda: pool.waiting)
        self._running.set_function(lambda: pool.running)
        self._ready.set_function(lambda: pool.ready)
        self._uploads.set_function(lambda: upload_memory.used)

    def time(self, timings: Mapping[str, float]) -> None:
        """Count the milliseconds of one job's stages."""
        for stage, spent in timings.items():
            self.stages.labels(stage).observe(spent / 1000)

    def text(self) -> bytes:
        """Everything, as Prometheus reads it."""
        return generate_latest(self.registry)
