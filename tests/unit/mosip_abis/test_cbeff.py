"""CBEFF documents of the data share, taken apart."""

from __future__ import annotations

import pytest

from adapters.mosip_abis.cbeff import contents_of
from adapters.mosip_abis.failures import Failure, Refused
from biometrics.template import Modality, Position
from formats.cbeff.information import NAMESPACE
from formats.cbeff.parse import parse

FINGER = "<BDBInfo><Format><Type>7</Type></Format><Type>Finger</Type><Subtype>{}</Subtype></BDBInfo>"


def document(*records: str) -> bytes:
    """A document of these records."""
    inner = "".join(f"<BIR>{each}</BIR>" for each in records)
    return f'<?xml version="1.0"?><BIR xmlns="{NAMESPACE}">{inner}</BIR>'.encode()


def test_records_are_taken_apart() -> None:
    """Each record is a document of its own with all that its header says; exceptions are missing positions."""
    thumb = FINGER.format("Left Thumb").replace("</BDBInfo>", "<Quality><Score>90</Score></Quality></BDBInfo>")
    gone = FINGER.format("Right Thumb") + '<others><entry key="EXCEPTION">true</entry></others>'
    found = contents_of(document(f"{thumb}<BDB>QUJD</BDB>", gone, "<BDBInfo><Type>ExceptionPhoto</Type></BDBInfo>"))
    (part,) = found.parts
    assert (Modality.FINGERPRINT, Position.LEFT_THUMB) == part.place
    assert ((Modality.FINGERPRINT, Position.RIGHT_THUMB),) == found.missing
    record = parse(part.document)[1]
    assert ("7", "Finger", "Left Thumb", "90", "QUJD") == (
        record.format_type,
        record.types,
        record.subtypes,
        record.score,
        record.block,
    )


def test_a_header_that_is_not_understood() -> None:
    """Its record is kept, to be refused with what it says, and spoils no other."""
    found = contents_of(document("<BDBInfo><Type>Gait &lt;</Type></BDBInfo><BDB>QUJD</BDB>", "<BDB>QUJD</BDB>"))
    assert [None, None] == [each.place for each in found.parts]
    assert "Gait <" == parse(found.parts[0].document)[1].types


@pytest.mark.parametrize(
    ("data", "failure"),
    [
        (b"", Failure.NO_DATA),
        (b" \n", Failure.NO_DATA),
        (document(), Failure.NO_DATA),
        (document(FINGER.format("Left Thumb")), Failure.NO_DATA),
        (b"no XML", Failure.NOT_CBEFF),
        (b"<html/>", Failure.NOT_CBEFF),
        (b'<!DOCTYPE BIR [<!ENTITY a "b">]>' + document("<BDB>QUJD</BDB>")[21:], Failure.NOT_CBEFF),
        (document(*["<BDB>QUJD</BDB>"] * 65), Failure.NOT_CBEFF),
    ],
)
def test_what_is_none(data: bytes, failure: Failure) -> None:
    """No data at all is another failure than data of another form."""
    with pytest.raises(Refused) as caught:
        contents_of(data)
    assert failure is caught.value.failure
