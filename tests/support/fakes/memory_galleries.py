"""Galleries and their aliases in the in-memory store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from biometrics.errors import (
    AliasNotFound,
    FieldInvalid,
    GalleryExists,
    GalleryNotFound,
    LastGallery,
    SubjectNotFound,
)
from gallery.sealing.key_table import NO_KEY
from gallery.store.life.values import GallerySize
from gallery.store.limits import require_room
from gallery.store.records.heads import Head
from gallery.store.values import ChangeKind, Receipt
from gallery.subject import Subject
from tests.support.fakes.memory_receipts import MemoryReceipts


@dataclass
class MemoryGalleries(MemoryReceipts):
    """The part of LifeCycle that concerns galleries."""

    known_aliases: dict[str, str] = field(default_factory=dict)

    async def join_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        own = set(await self.resolved(galleries))

        def change(subject: Subject) -> Subject:
            return replace(subject, galleries=tuple(sorted({*subject.galleries, *own})))

        return await self._changed(subject_id, "", request_id, digest, change)

    async def leave_galleries(self, subject_id: str, galleries: Sequence[str], request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        own = set(await self.resolved(galleries))

        def change(subject: Subject) -> Subject:
            if not set(subject.galleries) - own:
                raise LastGallery(subject_id)
            return replace(subject, galleries=tuple(sorted(set(subject.galleries) - own)))

        return await self._changed(subject_id, "", request_id, digest, change)

    async def galleries(self) -> Sequence[GallerySize]:
        """See LifeCycle."""
        await self.ping()
        return [GallerySize(each, self._size(each)) for each in sorted(self.ever - {""})]

    async def set_alias(self, alias: str, gallery: str, request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        await self.ping()
        if done := self._done(request_id, digest, alias, partition=0):
            return done
        if gallery == alias or gallery in self.known_aliases or alias in self.known_aliases.values():
            raise FieldInvalid("alias", "No chains.")
        if gallery not in self.ever:
            raise GalleryNotFound(gallery)
        if self._size(alias):
            raise GalleryExists(alias)
        self.known_aliases[alias] = gallery
        return self._keep(request_id, digest, alias)

    async def delete_alias(self, alias: str, request_id: str, digest: str) -> Receipt:
        """See LifeCycle."""
        await self.ping()
        if done := self._done(request_id, digest, alias, partition=0):
            return done
        if alias not in self.known_aliases:
            raise AliasNotFound(alias)
        del self.known_aliases[alias]
        return self._keep(request_id, digest, alias)

    async def aliases(self) -> Mapping[str, str]:
        """See LifeCycle."""
        await self.ping()
        return dict(sorted(self.known_aliases.items()))

    async def resolve(self, gallery: str) -> str:
        """See LifeCycle."""
        return self.known_aliases.get(gallery, gallery)

    async def resolved(self, galleries: Sequence[str]) -> tuple[str, ...]:
        """The galleries that names stand for, each once."""
        return tuple(dict.fromkeys([await self.resolve(each) for each in galleries]))

    async def _changed(
        self,
        subject_id: str,
        encounter_id: str,
        request_id: str,
        digest: str,
        change: Callable[[Subject], Subject],
        kind: ChangeKind = ChangeKind.PUT,
    ) -> Receipt:
        await self.ping()
        if done := self._done(request_id, digest, subject_id):
            return replace(done, encounter_id=encounter_id)
        if subject_id not in self.subjects:
            raise SubjectNotFound(subject_id)
        new = change(self.subjects[subject_id])
        require_room(head_of(new), head_of(self.subjects[subject_id]))
        self.ever |= set(new.galleries)
        return await self._stored(new, request_id, digest, encounter_id, kind)

    async def _stored(
        self, new: Subject, request_id: str, digest: str, encounter_id: str, kind: ChangeKind = ChangeKind.CUT
    ) -> Receipt:
        """Store a subject, or erase it if it has no encounter."""
        self.subjects[new.subject_id] = new
        if not new.encounters:
            del self.subjects[new.subject_id]
            kind = ChangeKind.DELETE
        return await self._log(request_id, digest, new.subject_id, encounter_id, kind)

    def _size(self, gallery: str) -> int:
        return sum(gallery in each.galleries for each in self.subjects.values())


def head_of(subject: Subject) -> Head:
    """The head of a subject, as far as limits depend on it."""
    references = sum(len(each.references) for each in subject.encounters)
    return Head(subject.subject_id, subject.galleries, 0, len(subject.encounters), references, NO_KEY)
