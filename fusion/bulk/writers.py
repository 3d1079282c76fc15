"""What an export writes of a subject: a sealed package, or records of a standard."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

from biometrics.errors import PreconditionFailed
from formats.blocks import CARDS
from formats.contents import RecordFormat
from fusion.bulk.work.tools import TIMEOUT_S
from fusion.packages import seal_subject
from fusion.samples.probes import Matchers
from fusion.use_cases.export import NOTHING, WrittenRecord, fingers_of, records_of
from gallery.subject import EncounterState, Subject

PACKAGE = ".biofusion"
SUFFIXES = {RecordFormat.ANSI_NIST: ".an2", RecordFormat.CBEFF_XML: ".xml"} | dict.fromkeys(CARDS, ".card")
OTHER = ".fmr"
"""Of the records of finger minutiae."""


def package(subject: Subject, recipient: str) -> tuple[str, bytes]:
    """Name and content of the file of a sealed package. CPU-bound."""
    return f"{subject.subject_id}{PACKAGE}", seal_subject(subject, recipient)


async def records(subject: Subject, record_format: RecordFormat, matchers: Matchers) -> list[tuple[str, bytes]]:
    """Names, SUBJECT/ENCOUNTER.ext, and contents of the records of all ACTIVE encounters that have a fingerprint.

    A card has one finger: SUBJECT/ENCOUNTER+POSITION.card, with a number for the second of a position and so on. No id
    has a "+". A folder of the others can be imported as it is.

    Raises:
        PreconditionFailed: NOTHING_TO_EXPORT, there is no such encounter.
        ServiceUnavailable: the fingerprint service does not answer.
    """
    found: list[tuple[str, bytes]] = []
    for each in subject.encounters:
        if each.state is EncounterState.ACTIVE and (fingers := fingers_of(each)):
            written = await records_of(each, fingers, record_format, matchers, TIMEOUT_S)
            folder, suffix = f"{subject.subject_id}/{each.encounter_id}", SUFFIXES.get(record_format, OTHER)
            found += [
                (f"{folder}{place}{suffix}", one.data) for place, one in zip(_places(written), written, strict=True)
            ]
    if not found:
        raise PreconditionFailed("No ACTIVE encounter of the subject has a fingerprint template.", reason=NOTHING)
    return found


def _places(written: list[WrittenRecord]) -> list[str]:
    """What tells the records of an encounter apart: "" for a single one of all fingers."""
    places: list[str] = []
    for each in written:
        before = sum(each.position is other.position for other in written[: len(places)])
        number = f"+{before + 1}" if before else ""
        places.append(f"+{each.position}{number}" if each.position is not None else "")
    return places


def write_file(path: Path, data: bytes) -> None:
    """Write a file that is there completely or not at all, also after a loss of power; readable by the owner only.

    Its folder is made if there is none.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(mode=0o700, exist_ok=True)
    temporary = path.with_name(f".{token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(handle)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
