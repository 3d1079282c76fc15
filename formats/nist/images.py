"""Tagged images: Type-10 (faces), 13 (latent prints), 14 (prints and slaps) and 17 (irises)."""

from __future__ import annotations

from biometrics.errors import RecordMalformed, RecordUnsupported
from biometrics.template import FINGERS, MissingReason, Modality, Position
from formats.codes import eye, finger, impression, quality
from formats.contents import ImageContent, Impression, MissingContent, Segment
from formats.images.pixels import grey_picture, picture
from formats.nist.fields import DATA, Fields, fields
from formats.nist.records import Record
from formats.resolution import by_unit

FACE, LATENT, FINGER, IRIS = 10, 13, 14, 17
_KIND, _WIDTH, _HEIGHT, _UNIT, _ACROSS, _DOWN, _COMPRESSION, _DEPTH = 3, 6, 7, 8, 9, 10, 11, 12
_POSITION, _AMPUTATED, _SEGMENTS, _QUALITY = 13, 18, 21, 24
_WANTED = frozenset(
    {
        _KIND,
        _WIDTH,
        _HEIGHT,
        _UNIT,
        _ACROSS,
        _DOWN,
        _COMPRESSION,
        _DEPTH,
        _POSITION,
        _AMPUTATED,
        _SEGMENTS,
        _QUALITY,
        DATA,
    }
)
_RAW = "NONE"
_FILES = {"WSQ", "WSQ20", "JPEGB", "JPEGL", "JP2", "JP2L", "PNG"}
_REASONS = {"XX": MissingReason.AMPUTATED, "UP": MissingReason.BANDAGED}
_GREY = {"GRAY", "GREY"}


def image_fields(record: Record) -> Fields:
    """Return the fields of an image record that are used."""
    return fields(record.data, record.type, _WANTED, record.where)


def content(found: Fields) -> ImageContent | None:
    """Return the image of a record; None if it has none (.999 may be left out), or if its picture is of no face.

    Raises:
        RecordMalformed: fields that contradict each other, or codes without a meaning.
        RecordUnsupported: a palm, a combination of fingers, raw pixels in colour, an unknown compression.
        ImageTooLarge: the record states more pixels than are read.
    """
    if not found.values.get(DATA) or (found.type == FACE and found.text(_KIND).upper() != "FACE"):
        return None
    where, scores = found.where, found.rows(_QUALITY)
    if found.type == FACE:
        return ImageContent(Modality.FACE, Position.FACE, _image(found), where, quality=_score(found, scores, 0))
    resolution = by_unit(found.number(_UNIT, 0), found.number(_ACROSS, 0), found.number(_DOWN, 0))
    if found.type == IRIS:
        position = eye(found.number(_KIND, 0), where)
        score = _score(found, scores, 0)
        return ImageContent(Modality.IRIS, position, _image(found), where, resolution, score)
    return _print(found, resolution, scores)


def _print(found: Fields, resolution: tuple[float, float] | None, scores: list[list[str]]) -> ImageContent:
    codes = [row[0] for row in found.numbers(_POSITION)]
    code = codes[0] if len(codes) == 1 else 0
    position, slap = finger(code, found.where)
    made = impression(found.number(_KIND, 29))
    score = _score(found, [row for row in scores if row[0].strip().lstrip("0") == str(code or "")], 1)
    if found.type == LATENT:
        position, slap, made = Position.UNKNOWN, None, Impression.LATENT
    segments = _segments(found) if slap is not None else ()
    return ImageContent(
        Modality.FINGERPRINT, position, _image(found), found.where, resolution, score, made, slap, segments
    )


def _image(found: Fields) -> bytes:
    width, height = found.number(_WIDTH, 0), found.number(_HEIGHT, 0)
    compression, data = found.text(_COMPRESSION).upper(), found.values[DATA]
    if compression in _FILES:
        return picture(data, width, height, found.where)
    if compression != _RAW:
        raise RecordUnsupported(f"{found.where} has a compression ({found.type}.011) that is not read.")
    return grey_picture(data, width, height, _depth(found), found.where)


def _depth(found: Fields) -> int:
    """Return bits a pixel. Type-10 has its colour space in the place where the others have the depth."""
    if found.type != FACE:
        return found.number(_DEPTH)
    if found.text(_DEPTH).upper() not in _GREY:
        raise RecordUnsupported(f"{found.where} has raw pixels in colour. Store the image as a file, e.g. JPEG or PNG.")
    return 8


def _score(found: Fields, rows: list[list[str]], at: int) -> float | None:
    """Return the first quality of 0–100 among rows with the score at a place; 254 and 255 state none."""
    scores = (quality(found.whole(row[at], _QUALITY)) for row in rows if len(row) > at)
    return next((score for score in scores if score is not None), None)


def _segments(found: Fields) -> tuple[Segment, ...]:
    """Return the fingers of a slap: position, left, right, top, bottom (inclusive)."""
    width, height = found.number(_WIDTH), found.number(_HEIGHT)
    segments = []
    for row in found.numbers(_SEGMENTS):
        if len(row) != 5:
            raise RecordMalformed(f"{found.where} has a segment (.021) of {len(row)} items instead of 5.")
        code, left, right, top, bottom = row
        position, slap = finger(code, found.where)
        if slap is not None or not (left <= right < width and top <= bottom < height):
            raise RecordMalformed(f"{found.where} has a segment (.021) outside of its image, or of no single finger.")
        segments.append(Segment(position, left, top, right, bottom))
    if len({segment.position for segment in segments}) < len(segments):
        raise RecordMalformed(f"{found.where} has two segments (.021) of one finger.")
    return tuple(segments)


def missing(found: Fields) -> tuple[list[MissingContent], list[str]]:
    """Return the fingers of which field 14.018 says that they are amputated (XX) or cannot be printed (UP).

    Also returned are messages on those with another reason, of which it is not known whether they are missing.

    Raises:
        RecordMalformed: the field is of no single finger, or gives no reason.
    """
    gone: list[MissingContent] = []
    unread = []
    for row in found.rows(_AMPUTATED) if found.type == FINGER else []:
        position, slap = finger(found.whole(row[0], _AMPUTATED), found.where)
        if slap is not None or position not in FINGERS or len(row) != 2:
            raise RecordMalformed(f"{found.where} has a missing finger (.018) that is none, or has no reason.")
        reason = _REASONS.get(row[1].strip().upper())
        if reason is None:
            unread.append(f"{found.where} gives a reason for {position} (.018) that is neither XX nor UP.")
        else:
            gone.append(MissingContent(Modality.FINGERPRINT, position, reason, found.where))
    return gone, unread
