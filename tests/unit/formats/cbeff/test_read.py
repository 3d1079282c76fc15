"""CBEFF in XML."""

from __future__ import annotations

import base64

import pytest

from biometrics.errors import BiofusionError, ImageTooLarge, RecordMalformed, RecordUnsupported
from biometrics.template import MissingReason, Modality, Position
from formats.cbeff.information import NAMESPACE
from formats.cbeff.parse import MOST_BLOCK_CHARACTERS, MOST_DEPTH, MOST_ELEMENTS, MOST_TAG_BYTES
from formats.contents import MissingContent, RecordFormat
from formats.read import read
from tests.support.records.image_records import JPEG, PNM, Shown, fac_2011, fir_2011, iir_2011

FINGER = fir_2011(Shown(code=0, qualities=()))
LEFT_INDEX = fir_2011(Shown(code=7))
FACE = fac_2011(Shown(picture=JPEG))
IRIS = iir_2011(Shown(code=0, compression=2))
SECRET = "Jane Doe"


def bir(
    block: bytes | None, kind: str = "", type_: str = "", subtype: str = "", score: str = "", others: str = ""
) -> str:
    """One BIR; parts that are "" are left out."""
    parts = f"<Format><Organization>Mosip</Organization><Type>{kind}</Type></Format>" if kind else ""
    parts += f"<Type>{type_}</Type>" if type_ else ""
    parts += f"<Subtype>{subtype}</Subtype>" if subtype else ""
    parts += f"<Quality><Algorithm><Type>1</Type></Algorithm><Score>{score}</Score></Quality>" if score else ""
    encoded = "" if block is None else f"<BDB>\n {base64.encodebytes(block).decode()} </BDB>"
    return (
        f"<BIR><BIRInfo><Creator>{SECRET}</Creator><Integrity>false</Integrity></BIRInfo>"
        f"<BDBInfo>{parts}</BDBInfo>{encoded}{others}</BIR>"
    )


def document(*birs: str, before: str = "") -> bytes:
    """BIRs inside an outer one."""
    return f'<?xml version="1.0"?>{before}<BIR xmlns="{NAMESPACE}">{"".join(birs)}</BIR>'.encode()


def exception(value: str = "true") -> str:
    """The entry that marks an exception."""
    return f'<others><entry key="REASON">{SECRET}</entry><entry key="EXCEPTION">{value}</entry></others>'


def test_a_person() -> None:
    """Each BIR's record is read; the header gives position and quality where the record states none."""
    contents = read(
        document(
            bir(FINGER, "7", "Finger", "Left IndexFinger", "61"),
            bir(FACE, "8", "Face", score="40"),
            bir(IRIS, "9", "Iris", "Right"),
        )
    )
    assert RecordFormat.CBEFF_XML == contents.format
    expected = [(Position.LEFT_INDEX, 61.0, PNM), (Position.FACE, 80.0, JPEG), (Position.RIGHT_EYE, 80.0, PNM)]
    assert expected == [(one.position, one.quality, one.image) for one in contents.samples]
    assert "BIR 2, representation 1" == contents.samples[0].where


def test_one_bir_alone_nested_ones_and_other_encodings() -> None:
    """A document may be one BIR, nest them, have a byte order mark, and be in UTF-16."""
    alone = bir(FACE).replace("<BIR>", f'<BIR xmlns="{NAMESPACE}">')
    nested = document(f"<BIR><BIR>{bir(FACE, '8')}</BIR>{bir(IRIS, '9')}</BIR>")
    for data, count in (
        (alone.encode("utf-8-sig"), 1),
        (nested, 2),
        (alone.encode("utf-16"), 1),
        (f"\n {alone}".encode(), 1),
    ):
        assert count == len(read(data).samples)


def test_two_blocks_of_one_finger() -> None:
    """Two BIRs of one position are two samples."""
    contents = read(document(*[bir(LEFT_INDEX, "7", "Finger", "Left IndexFinger")] * 2))
    assert ["BIR 2, representation 1", "BIR 3, representation 1"] == [sample.where for sample in contents.samples]


def test_exceptions_are_missing_positions() -> None:
    """An exception without a data block is missing, not captured; its photograph is no sample."""
    contents = read(
        document(
            bir(None, "7", "Finger", "Right RingFinger", others=exception()),
            bir(None, "", "Iris", "Left", others=exception("TRUE")),
            bir(FACE, "8", "ExceptionPhoto"),
            bir(FACE, "8", "Face", others=exception("false")),
        )
    )
    assert [(Modality.FACE, Position.FACE)] == [(one.modality, one.position) for one in contents.samples]
    expected = (
        MissingContent(Modality.FINGERPRINT, Position.RIGHT_RING, MissingReason.NOT_CAPTURED, "BIR 2"),
        MissingContent(Modality.IRIS, Position.LEFT_EYE, MissingReason.NOT_CAPTURED, "BIR 3"),
    )
    assert expected == contents.missing
    assert SECRET not in repr(contents)


@pytest.mark.parametrize(
    ("one", "error", "words"),
    [
        (bir(IRIS, "7"), RecordMalformed, "FINGERPRINT.*IRIS"),
        (bir(FACE, "", "Iris"), RecordMalformed, "IRIS.*FACE"),
        (bir(FACE, "8", "Finger"), RecordMalformed, "FACE.*FINGERPRINT"),
        (bir(LEFT_INDEX, "7", "Finger", "Right Thumb"), RecordMalformed, "RIGHT_THUMB.*LEFT_INDEX"),
        (bir(FINGER, "7", "Finger", "Left Nose"), RecordMalformed, "word"),
        (bir(FINGER, "11"), RecordUnsupported, "format type"),
        (bir(FINGER, "", "Palm"), RecordUnsupported, "no finger"),
        (bir(b"\x89PNG", "7"), RecordUnsupported, "no record"),
        (bir(document(bir(FACE)), "8"), RecordUnsupported, "no record"),
        (bir(FINGER[:40], "7"), RecordMalformed, "^BIR 2: "),
        (bir(fir_2011(Shown(width=65535, height=65535)), "7"), ImageTooLarge, "^BIR 2: "),
        (bir(FINGER, "7", score="high"), RecordMalformed, "quality"),
        (bir(None, "7", "Finger"), RecordMalformed, "neither"),
        (bir(None, "7", "Finger", others=exception()), RecordMalformed, "which finger"),
        (bir(None, others=exception()), RecordMalformed, "of what"),
        (bir(FACE).replace("<BDB>", "<BDB>*"), RecordMalformed, "base64"),
        (bir(FACE).replace("<BDBInfo>", "<BDBInfo><Encryption>true</Encryption>"), RecordUnsupported, "encrypted"),
        (bir(FACE).replace("</BDB>", "</BDB><BDB>AAAA</BDB>"), RecordMalformed, "BDB twice"),
        (bir(FACE, "8").replace("</Format>", "</Format><Format><Type>7</Type></Format>"), RecordMalformed, "twice"),
        (bir(FACE, "8" * 5000), RecordMalformed, "4096 characters"),
    ],
)
def test_what_is_refused_by_name(one: str, error: type[BiofusionError], words: str) -> None:
    """A data block that is not what its header says, headers that contradict themselves, and other kinds are named."""
    with pytest.raises(error, match=words) as caught:
        read(document(one))
    assert SECRET not in str(caught.value)


DTD = '<!DOCTYPE BIR [<!ENTITY a "b">]>'
LAUGHS = "<!DOCTYPE BIR [" + "".join(f'<!ENTITY l{i + 1} "{f"&l{i};" * 10}">' for i in range(9)) + "]>"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (document(bir(FACE), before=DTD), RecordUnsupported),
        (document("&l9;", before=LAUGHS), RecordUnsupported),
        (document(before='<!DOCTYPE BIR SYSTEM "file:///etc/passwd">'), RecordUnsupported),
        (document("&unknown;"), RecordMalformed),
        (document("<?go now?>", bir(FACE)), RecordUnsupported),
        (document("<BIR>"), RecordMalformed),
        (document(bir(FACE)) + b"<more/>", RecordMalformed),
        (document(bir(FACE)).replace(NAMESPACE.encode(), b"urn:other"), RecordUnsupported),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", RecordUnsupported),
        (b'<?xml version="1.0" encoding="klingon"?><BIR/>', BiofusionError),
        (document("<BIR>" * 10_000, "</BIR>" * 10_000), RecordMalformed),
        (document("<a>" * 10_000), RecordMalformed),
        (document("<BIR/>" * 1001), RecordMalformed),
        (document("<a/>" * MOST_ELEMENTS), RecordMalformed),
        (document(f"<!--{'a' * 2 * MOST_TAG_BYTES}-->"), RecordMalformed),
        (document(f"<{'a' * 2 * MOST_TAG_BYTES}/>"), RecordMalformed),
        (document("<a " + " ".join(f'a{i}=""' for i in range(MOST_TAG_BYTES // 4)) + "/>"), RecordMalformed),
        (document(f"<BIR><BDB>{'A' * (MOST_BLOCK_CHARACTERS + 1)}</BDB></BIR>"), RecordMalformed),
    ],
    ids=range(18),
)
def test_hostile_xml(data: bytes, error: type[BiofusionError]) -> None:
    """Document types, entities, instructions, depth, number and length are bounded by name."""
    with pytest.raises(error):
        read(data)


def test_the_deepest_that_is_read() -> None:
    """Elements may be nested 32 deep, and no deeper."""
    depth = MOST_DEPTH - 2
    assert 1 == len(read(document(f"{'<BIR>' * (depth - 2)}{bir(FACE)}{'</BIR>' * (depth - 2)}")).samples)
    with pytest.raises(RecordMalformed, match="deeper"):
        read(document(f"{'<BIR>' * (depth + 2)}{'</BIR>' * (depth + 2)}"))


def test_truncated_anywhere() -> None:
    """No truncated document is read."""
    data = document(bir(LEFT_INDEX, "7", "Finger", "Left IndexFinger", "61"))
    for length in range(len(data)):
        with pytest.raises((RecordMalformed, RecordUnsupported)):
            read(data[:length])
