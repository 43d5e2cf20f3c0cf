"""Check that the picture is not compressed too much, now or before."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

MIN_JPEG_QUALITY = 50
"""JPEG quality below which details are lost."""
MAX_BLOCK_STEP = 1.35
"""Step of grey at the edges of JPEG blocks above which details are lost as well."""
BLOCK_STEP_QUALITY = 80
"""JPEG quality from which steps are not looked at: there they come from the content of the picture."""
QUALITY_TOLERANCE = 2
"""Tolerance of the estimated quality below a prescribed one."""


def _run(subject: Subject) -> Iterator[Finding]:
    quality, prescribed = subject.measured.jpeg_quality, subject.spec.quality
    if quality is None:
        yield subject.make_finding("compression.not-assessed", Status.SKIP)
        return
    # Blocks that show ask for the quality at which they do not.
    shows_blocks = quality < BLOCK_STEP_QUALITY and subject.measured.block_step > MAX_BLOCK_STEP
    lowest = BLOCK_STEP_QUALITY if shows_blocks else MIN_JPEG_QUALITY
    # If the authority prescribes a low quality, a file of that quality is what it wants.
    if prescribed is not None and quality >= prescribed - QUALITY_TOLERANCE:
        lowest = min(lowest, prescribed - QUALITY_TOLERANCE)
    warns = quality < lowest
    yield subject.make_finding(
        "compression.strong" if warns else "compression.ok",
        Status.WARN if warns else Status.PASS,
        measured=float(quality),
        limit=f">= {lowest}",
    )


CHECK = Check(
    "compression",
    "Strong compression removes fine lines and leaves visible blocks.",
    _run,
    reads=frozenset({"quality"}),
    formula="JPEG quality from the file's quantisation table; "
    "mean step of grey at multiples of 8 pixels over that elsewhere",
    limit=f"quality {MIN_JPEG_QUALITY}; step {MAX_BLOCK_STEP} if the quality is below {BLOCK_STEP_QUALITY}; "
    "idphoto's own",
    component="CompressionArtifacts",
)
