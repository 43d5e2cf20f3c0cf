"""Format, length, compression and colour mode of the finished file, from its bytes."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check, Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]

FIX = "Let idphoto write the file."


def _finding(subject: Subject, field: str, good: bool, code: str, message: str, **more: object) -> Finding:
    return Finding(
        check="file",
        status=Status.PASS if good else Status.FAIL,
        code=f"file.{code}-ok" if good else f"file.{code}",
        message=message,
        fix="" if good else FIX,
        source=subject.where(field),
        **more,  # type: ignore[arg-type]
    )


def _run(subject: Subject) -> Iterator[Finding]:
    spec, file = subject.spec, subject.finished.source
    length = len(file.data)
    yield _finding(
        subject,
        "formats",
        file.format in spec.formats,
        "format",
        f"The file is {file.format.upper()}; {' or '.join(spec.formats).upper()} is wanted.",
        measured=file.format,
        limit=" or ".join(spec.formats),
    )
    if spec.bytes is not None:
        inside = spec.bytes.contains(length)
        size = f"The file has {length / 1000:.1f} KB"
        yield _finding(
            subject,
            "bytes",
            inside,
            "length",
            f"{size} ({spec.bytes} wanted)." if inside else f"{size}, where {spec.bytes} is wanted.",
            measured=round(length / 1000, 1),
            limit=str(spec.bytes),
            unit="KB",
        )
    if spec.compression is not None and file.format == "jpeg":
        ratio = file.size.width * file.size.height * 3 / length
        good = ratio <= spec.compression.value
        yield _finding(
            subject,
            "compression",
            good,
            "compression",
            f"The file is compressed {ratio:.1f}:1 ({spec.compression} at most).",
            measured=round(ratio, 1),
            limit=str(spec.compression),
        )
    if spec.colour != "colour-or-grey":
        grey = file.mode == "grey"
        yield _finding(
            subject,
            "colour",
            grey == (spec.colour == "grey"),
            "colour",
            f"The photo is in {'greyscale' if grey else 'colour'}; {spec.colour} is wanted.",
            measured="grey" if grey else "colour",
            limit=spec.colour,
        )


CHECK = Check("file", "The file", "Portals refuse other formats and lengths by machine.", _run)
