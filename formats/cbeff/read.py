"""CBEFF XML → contents: each BIR's data block is read as the record that it is, and must be what its header says."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from biometrics.errors import InvalidInput, RecordMalformed, RecordUnsupported
from biometrics.template import MissingReason, Modality, Position
from formats import blocks
from formats.cbeff.information import Information
from formats.cbeff.parse import parse
from formats.codes import quality
from formats.contents import Contents, ImageContent, MinutiaeContent, MissingContent, RecordFormat
from formats.detect import detect

_MODALITY_OF_RECORD = {"2": Modality.FINGERPRINT, "4": Modality.FINGERPRINT, "5": Modality.FACE, "6": Modality.IRIS}
"""By the part of ISO/IEC 19794 or 39794."""
Sample = ImageContent | MinutiaeContent


def read(data: bytes) -> Contents:
    """Read a CBEFF document. Photographs of exceptions are read past.

    Raises:
        RecordMalformed: not well-formed or beyond the limits; a data block that is not of its header's modality or
            position; a BIR with neither data block nor exception.
        RecordUnsupported: a document type, entity or processing instruction; an encrypted data block, or one of a
            kind that is not read.
        ImageTooLarge: a data block states an image with more pixels than are read.
    """
    samples: list[Sample] = []
    missing: list[MissingContent] = []
    for bir in parse(data):
        if bir.is_exception_photo:
            continue
        if bir.block:
            samples += samples_of(bir, _decoded(bir))
        elif bir.exception.lower() == "true":
            missing.append(_missing(bir))
        elif not bir.has_children:
            raise RecordMalformed(f"{bir.where} has neither a data block (BDB) nor the entry EXCEPTION.")
    return Contents(RecordFormat.CBEFF_XML, tuple(samples), tuple(missing))


def samples_of(bir: Information, block: bytes) -> list[Sample]:
    """Return the samples of one data block, with what its header states where the block itself does not.

    Args:
        bir: its header; its own block is not read.
        block: the record.

    Raises:
        RecordMalformed, RecordUnsupported, ImageTooLarge: as `read`.
    """
    stated = bir.modality()
    if bir.encrypted.lower() in {"true", "1"}:
        raise RecordUnsupported(f"{bir.where} has an encrypted data block. Send it decrypted.")
    try:
        found = detect(block)
        _check_kind(bir, stated, found)
        contents = blocks.read_block(block, found) if found else None
    except InvalidInput as error:
        raise type(error)(_named(bir, error.message), **error.metadata) from None
    return [_labelled(bir, sample) for sample in contents.samples] if contents else []


def _named(bir: Information, message: str) -> str:
    return message if message.startswith(bir.where) else f"{bir.where}: {message}"


def _decoded(bir: Information) -> bytes:
    try:
        return base64.b64decode("".join(bir.block.split()), validate=True)
    except (binascii.Error, ValueError):
        raise RecordMalformed(f"{bir.where} has a data block that is not base64.") from None


def _check_kind(bir: Information, stated: Modality | None, found: RecordFormat | None) -> None:
    if found is None or found in {RecordFormat.CBEFF_XML, RecordFormat.ANSI_NIST}:
        raise RecordUnsupported(f"{bir.where} has a data block that is no record of ISO/IEC 19794 or 39794.")
    modality = modality_of(found)
    if stated is not None and modality is not stated:
        raise RecordMalformed(f"{bir.where} states {stated}, but its data block is of {modality} ({found}).")


def modality_of(record_format: RecordFormat) -> Modality:
    """Return the modality of a record that is no container."""
    parts = record_format.split("_")
    return _MODALITY_OF_RECORD[parts[2]] if parts[0] == "ISO" else Modality.FINGERPRINT


def _labelled(bir: Information, sample: Sample) -> Sample:
    """Return the sample with position and quality of the header where the record itself states none."""
    modality = sample.modality if isinstance(sample, ImageContent) else Modality.FINGERPRINT
    stated = bir.position(modality)
    if not stated.comparable(sample.position):
        raise RecordMalformed(f"{bir.where} states {stated}, but its data block {sample.position}.")
    position = stated if sample.position is Position.UNKNOWN and not _is_slap(sample) else sample.position
    score = sample.quality if sample.quality is not None else _score(bir)
    return replace(sample, position=position, quality=score, where=f"{bir.where}, {sample.where}")


def _is_slap(sample: Sample) -> bool:
    return isinstance(sample, ImageContent) and sample.slap is not None


def _score(bir: Information) -> float | None:
    if not bir.score:
        return None
    if not (bir.score.isascii() and bir.score.isdigit() and len(bir.score) <= 3):
        raise RecordMalformed(f"{bir.where} has a quality that is no number of 0–100.")
    return quality(int(bir.score))


def _missing(bir: Information) -> MissingContent:
    modality = bir.modality()
    if modality is None:
        raise RecordMalformed(f"{bir.where} is an exception, but does not state of what.")
    position = bir.position(modality)
    if position is Position.UNKNOWN:
        raise RecordMalformed(f"{bir.where} is an exception, but does not state of which finger or eye.")
    return MissingContent(modality, position, MissingReason.NOT_CAPTURED, bir.where)
