"""CBEFF documents of people who can be told apart, and such as are no good."""

from __future__ import annotations

import base64
from functools import cache

import numpy as np

from biometrics.template import Modality, Position
from formats.cbeff.information import NAMESPACE
from formats.cbeff.write import DataBlock, write
from formats.contents import RecordFormat
from infra.models.model_cache import asset
from tests.support.records import of_pictures as made
from tests.support.records.image_records import Shown, fir_2011

Missing = tuple[Modality, Position]
MARK = "MARKERxOFxAxPERSON"
"""In fields of a document that nothing may be told of."""


@cache
def eye(identity: int, capture: int = 0, position: Position = Position.LEFT_EYE) -> DataBlock:
    """A rendered eye of somebody."""
    records = made.eye_records(made.eye(identity, capture), position)
    return DataBlock(records[RecordFormat.ISO_19794_6_2011], position, 90.0)


@cache
def finger(number: int, position: Position = Position.RIGHT_INDEX) -> DataBlock:
    """One of the demo's prints; 1 and 2 are of one finger."""
    records = made.finger_records(made.finger(number), position)
    return DataBlock(records[RecordFormat.ISO_19794_4_2011], position, 80.0)


@cache
def face() -> DataBlock:
    """The demo's portrait."""
    portrait = made.encoded(made.decode(asset("portrait-astronaut")).pixels, "JPEG", quality=98)
    return DataBlock(made.face_records(portrait)[RecordFormat.ISO_19794_5_2011], Position.FACE, 80.0)


@cache
def empty_finger(position: Position = Position.LEFT_THUMB) -> DataBlock:
    """A print in which nothing is found."""
    records = made.finger_records(np.full((480, 400), 128, np.uint8), position)
    return DataBlock(records[RecordFormat.ISO_19794_4_2011], position)


def broken_finger() -> DataBlock:
    """A record that says that it has a PNG, and has something else."""
    return DataBlock(fir_2011(Shown(code=7, picture=MARK.encode() * 9, compression=6)), Position.LEFT_INDEX)


def person(identity: int, capture: int = 0) -> bytes:
    """The document of somebody with one eye; captures of one identity match, those of others do not."""
    return document(eye(identity, capture))


def document(*blocks: DataBlock, missing: tuple[Missing, ...] = ()) -> bytes:
    """As MOSIP writes it."""
    return write(blocks, missing)


def raw(block: bytes, kind: str = "Finger", format_type: str = "7", subtype: str = "Left Thumb") -> bytes:
    """A document with any bytes as its only data block."""
    header = f"<Format><Organization>Mosip</Organization><Type>{format_type}</Type></Format><Type>{kind}</Type>"
    header += f"<Subtype>{subtype}</Subtype>" if subtype else ""
    inner = f"<BIR><BDBInfo>{header}</BDBInfo><BDB>{base64.b64encode(block).decode()}</BDB></BIR>"
    return f'<BIR xmlns="{NAMESPACE}">{inner}</BIR>'.encode()


def without_data() -> bytes:
    """A document without data blocks."""
    return f'<BIR xmlns="{NAMESPACE}"></BIR>'.encode()
