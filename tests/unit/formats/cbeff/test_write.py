"""Writing CBEFF in XML."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from biometrics.errors import RecordUnsupported
from biometrics.template import FINGERS, MissingReason, Modality, Position
from formats.cbeff.information import NAMESPACE
from formats.cbeff.write import DataBlock, write
from formats.codes import finger_code
from formats.read import read
from tests.support.records.image_records import JPEG, Shown, fac_2005, fir_2011, iir_2011

CREATED = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def everything() -> bytes:
    """A document with all ten fingers, a face, an eye and a missing one."""
    prints = [DataBlock(fir_2011(Shown(code=finger_code(finger))), finger, 55) for finger in FINGERS]
    face = DataBlock(fac_2005(Shown(picture=JPEG)), Position.FACE)
    iris = DataBlock(iir_2011(Shown(code=1, compression=2)), Position.RIGHT_EYE)
    return write([*prints, face, iris], [(Modality.IRIS, Position.LEFT_EYE)], CREATED)


def test_what_is_written_is_read_back() -> None:
    """Positions, modalities and missing positions come back as they were written."""
    contents = read(everything())
    assert [*FINGERS, Position.FACE, Position.RIGHT_EYE] == [sample.position for sample in contents.samples]
    expected = [(Modality.IRIS, Position.LEFT_EYE, MissingReason.NOT_CAPTURED)]
    assert expected == [(gone.modality, gone.position, gone.reason) for gone in contents.missing]


def test_equal_arguments_give_equal_bytes() -> None:
    """Nothing but the arguments goes into the document."""
    assert everything() == everything()


def test_the_order_of_the_schema() -> None:
    """The children of a BIR and of its header stand in the order that the schema requires."""
    bir = ET.fromstring(everything())[3]
    names = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in bir]
    assert ["Version", "CBEFFVersion", "BIRInfo", "BDBInfo", "BDB"] == names
    header = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in bir[3]]
    assert ["Format", "CreationDate", "Type", "Subtype", "Level", "Purpose", "Quality"] == header


def test_only_records_are_written() -> None:
    """Bytes that are no record of the standards are refused."""
    with pytest.raises(RecordUnsupported):
        write([DataBlock(JPEG, Position.FACE)])


@pytest.mark.data
def test_minutiae_have_a_format_of_their_own(cases: Path) -> None:
    """Minutiae are format type 2, and processed; all else is raw."""
    document = write([DataBlock((cases / "f1_19794-2.fmr").read_bytes(), Position.RIGHT_INDEX)]).decode()
    assert "<Type>2</Type></Format><Type>Finger</Type>" in document
    assert "<Level>Processed</Level>" in document
