"""Check format, length, compression and colour mode of the finished file, from its bytes."""

from __future__ import annotations

from collections.abc import Iterator

from idphoto.checks.base import Check
from idphoto.checks.subject import Subject
from idphoto.report import Finding, Status

__all__ = ["CHECK"]


def _judge(subject: Subject, rule: str, outcome: str, good: bool, **more: object) -> Finding:
    code = f"file.{outcome}-ok" if good else f"file.{outcome}"
    return subject.make_finding(code, Status.PASS if good else Status.FAIL, rule=rule, **more)  # type: ignore[arg-type]


def _run(subject: Subject) -> Iterator[Finding]:
    spec, file = subject.spec, subject.finished.source
    length = len(file.data)
    wanted = " / ".join(spec.formats).upper()
    # If idphoto has just written the file, the user chose this format, and only another choice can help.
    outcome = "format-chosen" if subject.is_written_now and file.format not in spec.formats else "format"
    yield _judge(subject, "formats", outcome, file.format in spec.formats, measured=file.format.upper(), limit=wanted)
    converted = next((operation for operation in subject.operations if operation.name == "convert"), None)
    if converted is not None:
        yield subject.make_finding("file.converted", Status.WARN, rule="formats", measured=converted.detail)
    if spec.file_name:
        yield subject.make_finding("file.name", Status.ASK, rule="file_name", limit=spec.file_name)
    if spec.bytes is not None:
        inside = spec.bytes.contains(length)
        measured = round(length / 1000, 1)
        yield _judge(subject, "bytes", "length", inside, measured=measured, limit=str(spec.bytes), unit="KB")
    if spec.compression is not None and file.format == "jpeg":
        ratio = file.size.width * file.size.height * (1 if file.mode == "grey" else 3) / length
        good = ratio <= spec.compression.value
        limit = f"{spec.compression.first:g}"
        yield _judge(subject, "compression", "compression", good, measured=round(ratio, 1), limit=limit)
    if spec.colour != "colour-or-grey":
        mode = "grey" if subject.is_grey else "colour"
        yield _judge(
            subject,
            "colour",
            "colour",
            mode == spec.colour,
            measured=mode,
            limit=spec.colour,
            # Every language has these two words.
            mode=f"in-{mode}",
            wanted=f"in-{spec.colour}",
        )


CHECK = Check(
    "file",
    "Upload portals refuse other formats and lengths automatically.",
    _run,
    reads=frozenset({"formats", "file_name", "bytes", "compression", "colour"}),
    settled_by_making=True,
    formula="format by the first bytes; length in KB, which must be inside the limits for 1000 and for 1024 bytes; "
    "uncompressed over compressed length; colours of the source, not its channels",
)
