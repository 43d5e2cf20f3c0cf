"""Not compressed too much, now or before."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.quality.sharpness import estimate_jpeg_quality, measure_block_step
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

QUALITY, STEP = 50, 1.35
"""JPEG quality below which details are lost, and step at the edges of blocks that shows the same."""


def _run(subject: Subject) -> Iterator[Finding]:
    file = subject.finished.source
    # A prescribed quality is the authority's own wish.
    quality = estimate_jpeg_quality(file.quantisation)
    if quality is None:
        yield subject.finding("compression.not-assessed", Status.SKIP)
        return
    rgb, _ = file.pixels(1.0)
    strong = quality < QUALITY or (quality < 80 and measure_block_step(rgb) > STEP)
    allowed = subject.spec.quality is not None and quality >= subject.spec.quality - 2
    yield subject.finding(
        "compression.strong" if strong and not allowed else "compression.ok",
        Status.WARN if strong and not allowed else Status.PASS,
        measured=float(quality),
        limit=f">= {QUALITY}",
    )


CHECK = Check(
    "compression",
    "Compression smears fine lines and leaves blocks.",
    _run,
    formula="JPEG quality from the file's quantisation table; "
    "steps of grey at multiples of 8 pixels over that elsewhere",
    limit=f"quality {QUALITY}, or {STEP} below quality 80; idphoto's own",
    component="CompressionArtifacts",
)
