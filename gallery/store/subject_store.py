"""SubjectStore over a backend: seals templates, and keeps the rules that all backends share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from biometrics.errors import StoreUnavailable
from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.data_keys import DataKeys
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import KeyTable
from gallery.sealing.rotation import Rotation
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store.backend import Backend
from gallery.store.page_tokens import Listing, page_token, parse_page_token
from gallery.store.records.reader import Reader
from gallery.store.rows import StoreIdentity, SubjectKey
from gallery.store.rules import the_subject
from gallery.store.tokens import reached
from gallery.store.values import (
    Before,
    Change,
    ConsistencyToken,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.store.writing.life import LifeOfSubjects
from gallery.store.writing.models import Models
from gallery.store.writing.requests import raise_if_reused, request_of, token_of
from gallery.subject import Subject, SubjectSummary


class PartitionedStore(LifeOfSubjects):
    """Subjects, receipts, fusion models and change feeds in a backend, the templates sealed.

    Args:
        backend: keeps the bytes.
        table: keeps the subjects' keys, apart from the templates.
        encryption: wraps the data keys of the table.
    """

    def __init__(self, backend: Backend, table: KeyTable, encryption: KeyEncryption) -> None:
        self.backend, self.table, self.encryption = backend, table, encryption
        self._keys: dict[str, SubjectKeys] = {}
        super().__init__(backend, self.keys_of)
        self._reader = Reader(backend, self.keys_of)
        self._models = Models(backend)

    @property
    def doubts(self) -> tuple[str, ...]:
        """See SubjectStore."""
        return self.backend.doubts

    def keys_of(self, identity: StoreIdentity) -> SubjectKeys:
        """The keys of the subjects of this store."""
        if identity.store_id not in self._keys:
            self._keys = {identity.store_id: SubjectKeys(self.table, self._data_keys(identity))}
        return self._keys[identity.store_id]

    def rotation(self, identity: StoreIdentity) -> Rotation:
        """Renews or destroys the keys of this store."""
        return Rotation(self.table, self._data_keys(identity), self.encryption)

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        identity = await self.backend.identity()
        known = await self.backend.known(identity.key(subject_id), request_of(request_id, digest))
        raise_if_reused(request_id, digest, known.content)
        done = None if known.position is None else token_of(identity, known.position).token
        return Before(done, await self._keyring.exists(identity, identity.key(subject_id), known.head))

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        return the_subject(subject_id, await self.get_many([subject_id]))

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        return {each.subject_id: each for each in await self._reader.subjects(subject_ids)}

    async def references(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[ReferencePage]:
        """See SubjectStore."""
        wanted = partitions or range(await self.partition_count())
        async for rows in self.backend.scan(modality, wanted, page_size):
            yield await self._reader.page(rows, modality)

    async def references_of(self, modality: Modality, names: Sequence[tuple[int, bytes]]) -> ReferencePage:
        """See SubjectStore."""
        return await self._reader.active([SubjectKey(*each) for each in names], modality)

    async def subjects_named(self, names: Sequence[tuple[int, bytes]]) -> dict[bytes, SubjectSummary]:
        """See SubjectStore."""
        return await self._reader.named([SubjectKey(*each) for each in names])

    async def partition_count(self) -> int:
        """See SubjectStore."""
        return (await self.backend.identity()).partition_count

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        return (await self.backend.identity()).name_key

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        ids, following = await self._ids(page_size, page_token, gallery)
        found, unreadable = await self._reader.readable(ids)
        return SubjectPage(tuple(found), following, tuple(unreadable))

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        ids, following = await self._ids(page_size, page_token, gallery)
        found, unreadable = await self._reader.summaries(ids)
        return SummaryPage(tuple(found), following, tuple(unreadable))

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        return sum((await self.backend.counts(await self._aliases.resolve(gallery))).values())

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return await self._models.put(model_id, text, request_id, digest)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        return await self._models.put(model_id, "", request_id, digest)

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        return await self._models.text(model_id)

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        return await self._models.page(page_size, page_token)

    async def position(self, partitions: Sequence[int] = ()) -> ConsistencyToken:
        """See SubjectStore."""
        return (await self._feed.position(partitions)).token

    async def origin(self) -> ConsistencyToken:
        """See SubjectStore."""
        return (await self._feed.origin()).token

    async def changes(self, after: ConsistencyToken, limit: int, wait_s: float) -> Sequence[Change]:
        """See SubjectStore."""
        return await self._feed.changes(after, limit, wait_s)

    def hurry(self) -> None:
        """See SubjectStore."""
        self._feed.notify()

    async def check(self, *tokens: ConsistencyToken) -> None:
        """See SubjectStore."""
        await self._feed.check(tokens)

    def reached(self, applied: ConsistencyToken, wanted: ConsistencyToken) -> bool:
        """See SubjectStore."""
        return reached(applied, wanted)

    async def ping(self) -> None:
        """See SubjectStore. Also finds out whether the keys can be used, and completes erasures and moves."""
        await self.backend.ping()
        identity = await self.backend.identity()
        await self.keys_of(identity).check()
        await self.finish()

    async def close_idle(self) -> None:
        """See SubjectStore."""
        for keys in self._keys.values():
            keys.forget()
        await self.backend.close_idle()

    async def close(self) -> None:
        """See SubjectStore."""
        self._feed.close()
        await self.backend.close()
        await self.table.close()
        await self.encryption.close()

    async def _ids(self, page_size: int, token: str, gallery: str) -> tuple[Sequence[str], str]:
        """Ids of a page, and the token of the next one."""
        gallery = await self._aliases.resolve(gallery)  # so that a page token is of one gallery, also after a switch
        after = parse_page_token(token, Listing.SUBJECTS, gallery)
        ids = await self.backend.ids(after, page_size + 1, gallery)
        following = page_token(ids[page_size - 1], Listing.SUBJECTS, gallery) if len(ids) > page_size else ""
        return ids[:page_size], following

    def _data_keys(self, identity: StoreIdentity) -> DataKeys:
        async def is_empty() -> bool:
            counts = await self.backend.counts("")
            if (await self.backend.identity()).store_id != identity.store_id:
                raise StoreUnavailable("The store was replaced by another one. Try again.")
            return not any(counts.values())

        return DataKeys(self.table, self.encryption, identity.store_id, identity.partition_count, is_empty)
