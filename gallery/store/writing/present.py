"""What a subject has at the moment of a write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from biometrics.template import Modality
from gallery.store.backend import Backend
from gallery.store.records import columns
from gallery.store.records.heads import Head
from gallery.store.rows import EncounterRow, StoreIdentity, SubjectKey, SubjectRows
from gallery.store.rules import encounter_not_found, subject_not_found
from gallery.store.writing.keyring import Keyring
from gallery.subject import Subject

MODALITIES = tuple(Modality)


@dataclass(frozen=True, slots=True)
class Present:
    """A subject that exists.

    Args:
        rows: its rows.
        head: its head.
        secret: its key.
    """

    rows: SubjectRows
    head: Head
    secret: bytes = field(repr=False)

    @property
    def subject(self) -> Subject:
        """The subject, opened.

        Raises:
            RecordUnreadable: it cannot be.
        """
        made = columns.subject(self.rows, self.head, self.secret)
        assert made is not None  # as its key is there
        return made

    def encounter_row(self, encounter_id: str) -> EncounterRow:
        """The row of one of its encounters.

        Raises:
            EncounterNotFound: there is none of this id.
        """
        for each in self.rows.encounters:
            if each.encounter_id == encounter_id:
                return each
        raise encounter_not_found(self.rows.subject_id, encounter_id)


async def present(
    backend: Backend,
    keyring: Keyring,
    where: tuple[StoreIdentity, SubjectKey],
    subject_id: str,
    head: bytes,
    modalities: Sequence[Modality] = MODALITIES,
) -> Present | None:
    """The subject, with its references of these modalities; None if its head is another one by now.

    Raises:
        SubjectNotFound: there is none.
        RecordUnreadable: its head or key cannot be read.
    """
    identity, key = where
    if not head or not await keyring.exists(identity, key, head):
        raise subject_not_found(subject_id)
    (rows,) = await backend.read([key], modalities, encounters=True)
    if rows is None or rows.head != head:
        return None
    current = Head.unpack(head)
    secret = await keyring.own(identity, key, current)
    return None if secret is None else Present(rows, current, secret)
