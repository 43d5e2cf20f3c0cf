"""Write and read the XMP packet that tells, inside a finished photo, how the photo was made.

The receiver of the file can read the document, the operations, and those operations that the document forbids.
ISO 16684-1 (XMP, part 1).
"""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import TYPE_CHECKING

from idphoto.decode import jpeg_segments
from idphoto.decode.structure import iterate_png_chunks
from idphoto.errors import UnreadableImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from idphoto.report import Operation

__all__ = ["JPEG_NAME", "NAMESPACE", "PNG_NAME", "Provenance", "build_xmp", "find_xmp", "read_xmp"]

NAMESPACE = "urn:x-idphoto:xmp:1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_META = "adobe:ns:meta/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_HEAD = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_TAIL = '<?xpacket end="r"?>'

JPEG_NAME = b"http://ns.adobe.com/xap/1.0/\0"
"""First bytes of the JPEG segment that carries a packet."""

PNG_NAME = "XML:com.adobe.xmp"
"""Keyword of the PNG text that carries a packet."""

_MAX_LETTERS = 500  # of one reason, so that a packet stays within a JPEG segment
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # by XML 1.0, 2.2


@dataclass(frozen=True, slots=True)
class Provenance:
    """The history of a photo: document, operations, and the reasons for those that were ordered.

    Attributes
    ----------
    version : str
        Of this package.
    spec : str
        Id of the document; empty for none.
    operations : tuple of str
        Names of what was done, in order.
    ordered : tuple of (str, str)
        Operations that the document forbids and a person ordered, each with the reason given.
    """

    version: str
    spec: str = ""
    operations: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, version: str, spec: str, operations: Sequence[Operation]) -> Provenance:
        """Provenance from the operations of a photo."""
        return cls(
            version=version,
            spec=spec,
            operations=tuple(operation.name for operation in operations),
            ordered=tuple((operation.name, operation.ordered) for operation in operations if operation.ordered),
        )


def build_xmp(fields: Provenance) -> bytes:
    """Return an XMP packet in UTF-8; characters that XML forbids are left out, and reasons are cut at 500 letters."""
    for prefix, uri in (("x", _META), ("rdf", _RDF), ("xmp", _XMP), ("idphoto", NAMESPACE)):
        ET.register_namespace(prefix, uri)
    meta = ET.Element(f"{{{_META}}}xmpmeta")
    about = ET.SubElement(ET.SubElement(meta, f"{{{_RDF}}}RDF"), f"{{{_RDF}}}Description", {f"{{{_RDF}}}about": ""})
    ET.SubElement(about, f"{{{_XMP}}}CreatorTool").text = _clean(f"idphoto {fields.version}")
    ET.SubElement(about, f"{{{NAMESPACE}}}Version").text = _clean(fields.version)
    if fields.spec:
        ET.SubElement(about, f"{{{NAMESPACE}}}Spec").text = _clean(fields.spec)
    if fields.operations:
        items = _sequence(about, "Operations")
        for name in fields.operations:
            ET.SubElement(items, f"{{{_RDF}}}li").text = _clean(name)
    if fields.ordered:
        items = _sequence(about, "Ordered")
        for name, reason in fields.ordered:
            item = ET.SubElement(items, f"{{{_RDF}}}li", {f"{{{_RDF}}}parseType": "Resource"})
            ET.SubElement(item, f"{{{NAMESPACE}}}Operation").text = _clean(name)
            ET.SubElement(item, f"{{{NAMESPACE}}}Reason").text = _clean(reason)
    return f"{_HEAD}{ET.tostring(meta, encoding='unicode')}{_TAIL}".encode()


def _sequence(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(ET.SubElement(parent, f"{{{NAMESPACE}}}{name}"), f"{{{_RDF}}}Seq")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text.replace("\r", "\n"))[:_MAX_LETTERS]


def find_xmp(data: bytes) -> bytes | None:
    """Return the packet of a JPEG or PNG file, whoever wrote it; None if there is none."""
    start = PNG_NAME.encode() + b"\0\0\0"  # then language and translated keyword, each with a zero
    try:
        if data.startswith(b"\xff\xd8"):
            for part in jpeg_segments.iterate_segments(data):
                if part.payload(data).startswith(JPEG_NAME):
                    return part.payload(data)[len(JPEG_NAME) :]
        elif data.startswith(b"\x89PNG"):
            for kind, content in iterate_png_chunks(data):
                if kind == b"iTXt" and content.startswith(start):
                    return content[len(start) :].split(b"\0", 2)[2]
    except (ValueError, IndexError, struct.error):  # the file is broken; the decoder reports that
        return None
    return None


def read_xmp(packet: bytes) -> Provenance:
    """Read a packet of ours.

    Raises
    ------
    UnreadableImage
        If it is not one.
    """
    # Entities make XML dangerous to parse, and a packet needs none. A packet with a declaration is refused. Each packet
    # is read as UTF-8, whatever it says: in UTF-16 the declaration would have other bytes.
    try:
        text = packet.decode("utf-8")
    except UnicodeDecodeError:
        text = "<!"
    if "<!" in text or "\0" in text:
        raise UnreadableImage("The note on how the photo was made is not ours.", "Use the original file.")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without declarations there is nothing to expand
    except (ET.ParseError, ValueError) as cause:
        raise UnreadableImage("The note on how the photo was made is broken.", "Use the original file.") from cause
    ours = f"{{{NAMESPACE}}}"
    version = root.findtext(f".//{ours}Version")
    if version is None:
        raise UnreadableImage("The note on how the photo was made is not ours.", "Use the original file.")
    return Provenance(
        version=version,
        spec=root.findtext(f".//{ours}Spec") or "",
        operations=tuple(item.text or "" for item in root.iterfind(f".//{ours}Operations//{{{_RDF}}}li")),
        ordered=tuple(
            (item.findtext(f"{ours}Operation") or "", item.findtext(f"{ours}Reason") or "")
            for item in root.iterfind(f".//{ours}Ordered//{{{_RDF}}}li")
        ),
    )
