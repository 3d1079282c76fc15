"""Records of every format around pictures that the services can use: the demo's prints and portraits, rendered eyes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from biometrics.slap import Segment, Slap
from biometrics.template import Modality, Position
from formats.codes import finger_code
from formats.contents import ImageContent, RecordFormat
from formats.nist.write import Transaction
from formats.nist.write import write as write_nist
from formats.nist.write_images import Picture
from infra.images.decode import decode
from infra.models.model_cache import asset
from rendering.eyes import render_eye
from rendering.slaps import RIGHT_TIPS, MadeSlap, Plan, compose
from tests.support.records.image_records import Shown, fac_2005, fac_2011, fir_2005, fir_2011, iir_2005, iir_2011
from tests.support.records.tags import face_39794, passport

Gray = NDArray[np.uint8]
Writer = Callable[..., bytes]
TRANSACTION = Transaction("TEST", date(2024, 2, 29), "THERE", "HERE", "1")
JPEG_FACE, JPEG_39794 = 0, 2
RAW_EYE = 2
WSQ_FINGER, JPEG_FINGER, JPEG_2000_FINGER, PNG_FINGER = 2, 3, 4, 6


def finger(number: int = 1) -> Gray:
    """Return one of the demo's three prints, 500 dpi; 1 and 2 are of one finger."""
    return decode(asset(f"finger-{number}")).gray


def eye(identity: int = 1, capture: int = 0) -> Gray:
    """Return a rendered eye."""
    return render_eye(identity, capture)


def encoded(pixels: Gray, kind: str = "PNG", **options: object) -> bytes:
    """Return an image file; `dpi=(1000, 1000)` lets it state a resolution."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def slap(**changes: object) -> MadeSlap:
    """Return a slap of a right hand: the demo's prints 1, 3, 2 and 3."""
    plan = Plan(tips=RIGHT_TIPS, gaps_px=(12, 12, 12), **changes)  # type: ignore[arg-type]  # names of the plan
    return compose([finger(number) for number in (1, 3, 2, 3)], plan, np.random.default_rng(0))


def raw(pixels: Gray, code: int, **fields: object) -> Shown:
    """Return uncompressed pixels of a finger or eye; a finger's at 197 dots per cm."""
    shown = {"compression": 0, **fields}
    return Shown(code=code, picture=pixels.tobytes(), width=pixels.shape[1], height=pixels.shape[0], **shown)  # type: ignore[arg-type]


def filed(pixels: Gray, code: int, picture: bytes, compression: int, **fields: object) -> Shown:
    """Return an image file of these pixels."""
    size = {"width": pixels.shape[1], "height": pixels.shape[0]}
    return Shown(code=code, picture=picture, compression=compression, **size, **fields)  # type: ignore[arg-type]


def nist_prints(*prints: tuple[Position, Gray]) -> bytes:
    """Return an ANSI/NIST file with a Type-14 of each print."""
    return write_nist(TRANSACTION, pictures=[_picture(Modality.FINGERPRINT, *each) for each in prints])


def nist_slap(pixels: Gray, segments: Sequence[Segment] = ()) -> bytes:
    """Return an ANSI/NIST file with a slap of a right hand."""
    return write_nist(
        TRANSACTION, pictures=[_picture(Modality.FINGERPRINT, Position.UNKNOWN, pixels, Slap.RIGHT_FOUR, segments)]
    )


def nist_eye(position: Position, pixels: Gray) -> bytes:
    """Return an ANSI/NIST file with a Type-17."""
    return write_nist(TRANSACTION, pictures=[_picture(Modality.IRIS, position, pixels)])


def nist_face(portrait: bytes) -> bytes:
    """Return an ANSI/NIST file with a Type-10 in JPEG."""
    width, height = Image.open(io.BytesIO(portrait)).size
    content = ImageContent(Modality.FACE, Position.FACE, portrait, "here")
    return write_nist(TRANSACTION, pictures=[Picture(content, width, height, "JPEGB", colour=True)])


def finger_records(pixels: Gray, position: Position) -> dict[RecordFormat, bytes]:
    """Return one print in each format for images of fingers."""
    shown = raw(pixels, finger_code(position))
    return {
        RecordFormat.ISO_19794_4_2005: fir_2005(shown),
        RecordFormat.ISO_19794_4_2011: fir_2011(shown),
        RecordFormat.ANSI_NIST: nist_prints((position, pixels)),
    }


def eye_records(pixels: Gray, position: Position) -> dict[RecordFormat, bytes]:
    """Return one eye in each format for images of irises."""
    shown = raw(pixels, 2 if position is Position.LEFT_EYE else 1, compression=RAW_EYE)
    return {
        RecordFormat.ISO_19794_6_2005: iir_2005((shown.code, [shown])),
        RecordFormat.ISO_19794_6_2011: iir_2011(shown),
        RecordFormat.ANSI_NIST: nist_eye(position, pixels),
    }


def face_records(portrait: bytes) -> dict[RecordFormat, bytes]:
    """Return a portrait in JPEG in each format for images of faces."""
    width, height = Image.open(io.BytesIO(portrait)).size
    shown = Shown(picture=portrait, width=width, height=height, compression=JPEG_FACE)
    return {
        RecordFormat.ISO_19794_5_2005: fac_2005(shown),
        RecordFormat.ISO_19794_5_2011: fac_2011(shown),
        RecordFormat.ISO_39794_5: passport(face_39794(portrait, code=JPEG_39794)),
        RecordFormat.ANSI_NIST: nist_face(portrait),
    }


def _picture(
    modality: Modality,
    position: Position,
    pixels: Gray,
    which: Slap | None = None,
    segments: Sequence[Segment] = (),
) -> Picture:
    height, width = pixels.shape
    file = b"P5\n%d %d\n255\n" % (width, height) + pixels.tobytes()
    dpi = (500.0, 500.0) if modality is Modality.FINGERPRINT else None
    content = ImageContent(modality, position, file, "here", dpi, slap=which, segments=tuple(segments))
    return Picture(content, width, height, "NONE")
