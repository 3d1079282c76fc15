"""The sealed form of the references of one modality of one encounter.

Little-endian, without padding:

| bytes | field |
|---|---|
| 1 | version, 1 |
| 2 | number of references n, 1–1000 |
| 1 | number of models m, 1–255 |
| 4 + 2 | page and slot of the subject's key (key_table.py) |
| 12 | nonce, random |
| 16 n | per reference: position (1), model (1), flags (1: quality known, 2: claimed), 0 (1), bytes of data (4), quality (8) |
| … | per model: length of its id (2), its id in UTF-8 |
| … | AES-256-GCM ciphertext of the joined data, with its tag of 16 bytes |

All before the ciphertext, and partition, name, number and modality, are associated data: no set can be moved to another
subject, encounter or modality, and no position, model or quality be changed, without being noticed when it is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from secrets import token_bytes
from struct import Struct
from struct import error as StructError

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biometrics.errors import RecordUnreadable
from biometrics.template import Modality, Template
from gallery.references import POSITION_ORDER, POSITIONS
from gallery.sealing.key_table import KeyRef
from gallery.subject import Reference

VERSION = 1
NONCE_BYTES, TAG_BYTES = 12, 16
HEAD = Struct("<BHBIH12s")
ENTRY = Struct("<BBBxId")
_LENGTH = Struct("<H")
_PLACE = Struct("<HHB16s")
KNOWN, CLAIMED = 1, 2
MODALITIES = tuple(Modality)


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
        return _PLACE.pack(self.partition, self.number, MODALITIES.index(self.modality), self.name)


@dataclass(frozen=True, slots=True)
class OpenedSet:
    """The content of a set, without an object per reference.

    Args:
        entries: per reference: place of its position in `POSITIONS`, index of its model, flags, bytes, quality.
        model_ids: the models.
        data: the joined data of the templates.
    """

    entries: Sequence[tuple[int, int, int, int, float]]
    model_ids: tuple[str, ...]
    data: bytes = field(repr=False)

    def references(self, modality: Modality) -> tuple[Reference, ...]:
        """The references.

        Raises:
            RecordUnreadable: a value is none that a reference can have.
        """
        starts = list(accumulate((entry[3] for entry in self.entries), initial=0))
        try:
            return tuple(
                Reference(
                    POSITIONS[position],
                    Template(modality, self.model_ids[model], self.data[first:end]),
                    quality if flags & KNOWN else None,
                    bool(flags & CLAIMED),
                )
                for (position, model, flags, _, quality), (first, end) in zip(
                    self.entries, pairwise(starts), strict=True
                )
            )
        except (IndexError, ValueError) as error:
            raise _damaged() from error


def seal(references: Sequence[Reference], place: Place, ref: KeyRef, key: bytes) -> bytes:
    """Seal references of one modality.

    Args:
        references: 1 to 1000.
        place: where the set will be stored.
        ref: where the key is.
        key: the subject's key, 32 bytes.
    """
    model_ids = list(dict.fromkeys(each.template.model_id for each in references))
    head = HEAD.pack(VERSION, len(references), len(model_ids), ref.page, ref.slot, nonce := token_bytes(NONCE_BYTES))
    entries = b"".join(_entry(each, model_ids) for each in references)
    models = b"".join(_LENGTH.pack(len(text := each.encode())) + text for each in model_ids)
    clear = head + entries + models
    data = b"".join([each.template.data for each in references])
    return clear + AESGCM(key).encrypt(nonce, data, place.packed + clear)


def key_ref(sealed: bytes) -> KeyRef:
    """Where the key of a set is.

    Raises:
        RecordUnreadable: it is damaged, or of a newer version.
    """
    if len(sealed) < HEAD.size:
        raise _damaged()
    version, _, _, page, slot, _ = HEAD.unpack_from(sealed)
    if version != VERSION:
        raise RecordUnreadable(
            f"A sealed set of references has version {version}, and this program reads {VERSION}. Use the newer program."
        )
    return KeyRef(page, slot)


def described(sealed: bytes) -> list[tuple[str, int]]:
    """Model and bytes of the data of each reference of a set, as its clear part states them; nothing is opened.

    Raises:
        RecordUnreadable: it is damaged, or of a newer version.
    """
    key_ref(sealed)
    try:
        entries, model_ids, _ = _clear(sealed)
        return [(model_ids[model], size) for _, model, _, size, _ in entries]
    except (ValueError, IndexError, StructError) as error:
        raise _damaged() from error


def opened(sealed: bytes, place: Place, key: bytes) -> OpenedSet:
    """Open a set.

    Raises:
        RecordUnreadable: it is damaged, of a newer version, of another place, or sealed with another key.
    """
    key_ref(sealed)
    try:
        entries, model_ids, end = _clear(sealed)
        nonce = HEAD.unpack_from(sealed)[-1]
        data = AESGCM(key).decrypt(nonce, sealed[end:], place.packed + sealed[:end])
    except (ValueError, StructError, InvalidTag) as error:
        raise _damaged() from error
    if sum(entry[3] for entry in entries) != len(data):
        raise _damaged()
    return OpenedSet(entries, tuple(model_ids), data)


def _clear(sealed: bytes) -> tuple[list[tuple[int, int, int, int, float]], list[str], int]:
    """Entries and models of a set, and where its ciphertext begins."""
    _, count, model_count, *_ = HEAD.unpack_from(sealed)
    end = HEAD.size + count * ENTRY.size
    entries, model_ids = list(ENTRY.iter_unpack(sealed[HEAD.size : end])), []
    for _ in range(model_count):
        (length,) = _LENGTH.unpack_from(sealed, end)
        model_ids.append(sealed[end + 2 : end + 2 + length].decode())
        end += 2 + length
    return entries, model_ids, end


def _entry(reference: Reference, model_ids: Sequence[str]) -> bytes:
    flags = (KNOWN if reference.quality is not None else 0) | (CLAIMED if reference.quality_is_claimed else 0)
    template = reference.template
    return ENTRY.pack(
        POSITION_ORDER[reference.position],
        model_ids.index(template.model_id),
        flags,
        len(template.data),
        reference.quality or 0.0,
    )


def _damaged() -> RecordUnreadable:
    return RecordUnreadable(
        "The references of a subject are damaged, or sealed for another subject. Restore the store from a backup."
    )
