"""An ANSI/NIST-ITL file → contents: prints, faces, irises, minutiae; other records are read past by their length."""

from __future__ import annotations

from dataclasses import dataclass, field

from biometrics.errors import RecordUnsupported
from formats.contents import Contents, ImageContent, MinutiaeContent, MissingContent, RecordFormat
from formats.nist import binary, images, minutiae
from formats.nist.records import File, Record, walk

_BINARY, _MINUTIAE, _PALM, _SOLE = 4, 9, 15, 19
_TAGGED = (images.FACE, images.LATENT, images.FINGER, images.IRIS)
_READ = (_BINARY, _MINUTIAE, *_TAGGED)


@dataclass(slots=True)
class _Found:
    """What was found so far; `unread` says of parts of the body that are not compared why they are not."""

    samples: list[ImageContent | MinutiaeContent] = field(default_factory=list)
    missing: list[MissingContent] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def add(self, record: Record, file: File) -> None:
        """Read one record."""
        try:
            self._add(record, file)
        except RecordUnsupported as error:
            self.unread.append(error.message)

    def _add(self, record: Record, file: File) -> None:
        if record.type == _BINARY:
            self.samples.append(binary.read(record, file))
        elif record.type == _MINUTIAE:
            self.samples.append(minutiae.read(record))
        elif record.type in _TAGGED:
            found = images.image_fields(record)
            missing, unread = images.missing(found)
            self.missing += missing
            self.unread += unread
            image = images.content(found)
            self.samples += [] if image is None else [image]
        elif record.type in {_PALM, _SOLE}:
            raise RecordUnsupported(f"{record.where} is of a palm or a sole. Only fingers are compared; leave it out.")


def read(data: bytes) -> Contents:
    """Read a file. Names and demographics (Type-2) are read past, and never in any object.

    Parts that are not read (palms, combined fingers, packed pixels) are named in `unread`.

    Raises:
        RecordMalformed: a length that does not fit, or fields that contradict each other.
        RecordUnsupported: images are in the file, and none of them is read: the first reason.
        ImageTooLarge: the file states an image with more pixels than are read.
    """
    file = walk(data)
    found = _Found()
    for record in file.records:
        found.add(record, file)
    only_minutiae = all(record.type == _MINUTIAE for record in file.records if record.type in {*_READ, _PALM, _SOLE})
    if found.unread and not found.samples and not found.missing and not only_minutiae:
        raise RecordUnsupported(found.unread[0])
    return Contents(RecordFormat.ANSI_NIST, tuple(found.samples), _once(found.missing), tuple(found.unread))


def _once(missing: list[MissingContent]) -> tuple[MissingContent, ...]:
    """Return one of each missing position, as a slap and the finger's own record may both say it."""
    return tuple({(gone.position, gone.reason): gone for gone in reversed(missing)}.values())[::-1]
