"""The XMP note in a file that says how the photo was made."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idphoto.errors import UnreadableImage
from idphoto.output import WRITERS
from idphoto.output.xmp import NAMESPACE, Provenance, build_xmp, find_xmp, read_xmp
from idphoto.report import Operation
from tests.pictures import draw_smooth

# What XML can hold, in the one form of line end that a parser gives back.
text = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Cn"), blacklist_characters="\ufffe\uffff"), max_size=80)
notes = st.builds(
    Provenance,
    version=text.filter(bool),
    spec=text,
    operations=st.lists(text, max_size=5).map(tuple),
    ordered=st.lists(st.tuples(text, text), max_size=3).map(tuple),
)


UTF16_ENTITY = f'''<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY b "schengen-visa">]>
<a xmlns:i="{NAMESPACE}"><i:Version>&b;</i:Version></a>'''.encode("utf-16")


@given(notes)
def test_what_is_written_is_read(note):
    assert read_xmp(build_xmp(note)) == note


@given(st.text())
def test_no_text_breaks_the_packet(reason):
    packet = build_xmp(Provenance("1", "x", ("y",), (("y", reason),)))
    ET.fromstring(packet)
    assert len(packet) < 10_000


def test_the_packet_of_a_photo():
    operations = [
        Operation(name="crop", detail="to 35 x 45 mm", edit="crop"),
        Operation(name="background", detail="painted white", edit="background", ordered='A & B <said> "so"\x00'),
    ]
    packet = build_xmp(Provenance.of("0.1.0", "de-passport", operations))
    assert packet.startswith(b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>')
    assert packet.endswith(b'<?xpacket end="r"?>')
    note = read_xmp(packet)
    assert note == Provenance("0.1.0", "de-passport", ("crop", "background"), (("background", 'A & B <said> "so"'),))
    assert packet == build_xmp(Provenance.of("0.1.0", "de-passport", operations))


@pytest.mark.parametrize(
    "packet",
    [
        UTF16_ENTITY,
        UTF16_ENTITY.decode("utf-16").encode("utf-16-le"),
        b"",
        b"junk",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        build_xmp(Provenance("1"))[:-40],
    ],
)
def test_other_packets_are_refused(packet):
    with pytest.raises(UnreadableImage):
        read_xmp(packet)


def test_the_packet_in_a_file():
    packet = build_xmp(Provenance("1", "de-passport"))
    for form in ("jpeg", "png"):
        data = WRITERS[form](draw_smooth(60, 80), xmp=packet).data
        assert find_xmp(data) == packet
        assert find_xmp(WRITERS[form](draw_smooth(60, 80)).data) is None
        assert all(find_xmp(data[:cut]) in (None, packet) for cut in range(0, len(data), 7))
    assert find_xmp(b"GIF89a") is None
