"""The sealed form of the references of one modality of one encounter.

Little-endian:

| bytes | field |
|---|---|
| 1 | version, 1 |
| 1 | 0 |
| 2 | number of references n, 1–1000 |
| 2 | bytes of the model ids, m |
| 4 + 2 | page and slot of the subject's key (key_table.py) |
| 12 | nonce, random |
| 16 n | per reference: position, model, flags (1: quality known, 2: claimed), 0, bytes of data (4), quality (8) |
| m | per model: length of its id (2), its id in UTF-8 |
| … | AES-256-GCM ciphertext of the joined data, with its tag of 16 bytes |

All before the ciphertext, and partition, name, number and modality, are associated data: no set can be moved to another
subject, encounter or modality, and no position, model or quality be changed, without being noticed when it is opened.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from secrets import token_bytes
from struct import Struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import BiofusionError, RecordUnreadable
from biometrics.template import Modality, Template
from gallery.references import POSITION_ORDER, POSITIONS
from gallery.sealing.key_table import KeyRef
from gallery.subject import Reference

VERSION = 1
NONCE_BYTES, TAG_BYTES = 12, 16
HEAD = Struct("<BxHHIH12s")
ENTRY = Struct("<BBBxId")
LENGTH = Struct("<H")
PLACE = Struct("<HHB16s")
KNOWN, CLAIMED = 1, 2
MODALITY_ORDER = {modality: order for order, modality in enumerate(Modality)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a set is stored; bound to its ciphertext.

    Args:
        partition: of the subject.
        name: of the subject, 16 bytes.
        number: of the encounter.
        modality: of the references.
    """

    partition: int
    name: bytes
    number: int
    modality: Modality

    @property
    def packed(self) -> bytes:
        """21 bytes."""
        return PLACE.pack(self.partition, self.number, MODALITY_ORDER[self.modality], self.name)


@dataclass(frozen=True, slots=True)
class OpenedSet:
    """The content of a set, without an object per reference.

    Args:
        entries: n entries, 16 bytes each.
        models: the ids of their models, packed (`model_ids`).
        data: the joined data of the templates.
    """

    entries: bytes
    models: bytes
    data: bytes = field(repr=False)

    def references(self, modality: Modality) -> tuple[Reference, ...]:
        """The references.

        Raises:
            RecordUnreadable: a value is none that a reference can have.
        """
        try:
            names, entries = model_ids(self.models), list(ENTRY.iter_unpack(self.entries))
            ends = list(accumulate((size for _, _, _, size, _ in entries), initial=0))
            made = tuple(
                Reference(
                    POSITIONS[position],
                    Template(modality, names[model], self.data[first:end]),
                    quality if flags & KNOWN else None,
                    bool(flags & CLAIMED),
                )
                for (position, model, flags, _, quality), (first, end) in zip(entries, pairwise(ends), strict=True)
            )
        except (IndexError, ValueError, struct.error, BiofusionError) as error:
            raise set_damaged() from error
        if ends[-1] != len(self.data):
            raise set_damaged()
        return made


def seal(references: Sequence[Reference], place: Place, ref: KeyRef, key: bytes) -> bytes:
    """Seal references of one modality.

    Args:
        references: 1 to 1000, of at most 255 models.
        place: where the set will be stored.
        ref: where the key is.
        key: the subject's key, 32 bytes.
    """
    names = list(dict.fromkeys(each.template.model_id for each in references))
    models = b"".join(LENGTH.pack(len(text := each.encode())) + text for each in names)
    nonce = token_bytes(NONCE_BYTES)
    head = HEAD.pack(VERSION, len(references), len(models), ref.page, ref.slot, nonce)
    clear = head + b"".join(_entry(each, names) for each in references) + models
    data = b"".join([each.template.data for each in references])
    return clear + AESGCM(key).encrypt(nonce, data, place.packed + clear)


def opened(sealed: bytes, place: Place, key: bytes) -> OpenedSet:
    """Open a set; arguments and errors as in `parts`."""
    return OpenedSet(*parts(sealed, place.packed, key))


def parts(sealed: bytes, place: bytes, key: bytes) -> tuple[bytes, bytes, bytes]:
    """Entries, models and data of a set.

    Args:
        sealed: the set.
        place: where it is stored, packed.
        key: the subject's key, 32 bytes.

    Raises:
        RecordUnreadable: it is damaged, of a newer version, of another place, or sealed with another key.
    """
    try:
        version, count, models_bytes, _, _, nonce = HEAD.unpack_from(sealed)
        models_at = HEAD.size + count * ENTRY.size
        end = models_at + models_bytes
        data = AESGCM(key).decrypt(nonce, sealed[end:], place + sealed[:end])
    except (ValueError, struct.error, InvalidTag) as error:
        raise _unreadable(sealed) from error
    if version != VERSION or not count:
        raise _unreadable(sealed)
    return sealed[HEAD.size : models_at], sealed[models_at:end], data


def described(sealed: bytes) -> list[tuple[str, int]]:
    """Model and bytes of the data of each reference of a set, as its clear part states them; nothing is opened.

    Raises:
        RecordUnreadable: it is damaged, or of a newer version.
    """
    try:
        version, count, models_bytes, *_ = HEAD.unpack_from(sealed)
        models_at = HEAD.size + count * ENTRY.size
        names = model_ids(sealed[models_at : models_at + models_bytes])
        found = [(names[model], size) for _, model, _, size, _ in ENTRY.iter_unpack(sealed[HEAD.size : models_at])]
    except (ValueError, IndexError, struct.error) as error:
        raise _unreadable(sealed) from error
    if version != VERSION:
        raise _unreadable(sealed)
    return found


def model_ids(packed: bytes) -> tuple[str, ...]:
    """The ids of the models of a set.

    Raises:
        ValueError, struct.error: they are damaged.
    """
    found, at = [], 0
    while at < len(packed):
        (length,) = LENGTH.unpack_from(packed, at)
        at += LENGTH.size
        found.append(packed[at : at + length].decode())
        at += length
    return tuple(found)


def _entry(reference: Reference, names: Sequence[str]) -> bytes:
    flags = (KNOWN if reference.quality is not None else 0) | (CLAIMED if reference.quality_is_claimed else 0)
    template = reference.template
    order, model = POSITION_ORDER[reference.position], names.index(template.model_id)
    return ENTRY.pack(order, model, flags, len(template.data), reference.quality or 0.0)


def _unreadable(sealed: bytes) -> RecordUnreadable:
    if sealed and sealed[0] > VERSION:
        return RecordUnreadable(
            f"A sealed set of references has version {sealed[0]}, and this program reads {VERSION}. "
            "Use the newer program."
        )
    return set_damaged()


def set_damaged() -> RecordUnreadable:
    """The error for a set that cannot be opened."""
    return RecordUnreadable(
        "The references of a subject are damaged, or sealed for another subject or with another key. Restore the store "
        "from a backup, together with its key table."
    )
