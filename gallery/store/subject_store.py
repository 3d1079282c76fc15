"""SubjectStore over a backend: seals templates, and keeps the rules that all backends share."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeVar

from biometrics.template import Modality
from gallery.references import ReferencePage
from gallery.sealing.data_keys import DataKeys
from gallery.sealing.key_encryption import KeyEncryption
from gallery.sealing.key_table import KeyTable
from gallery.sealing.rotation import Rotation
from gallery.sealing.subject_keys import SubjectKeys
from gallery.store import columns
from gallery.store.backend import Backend, Outcome, StoreIdentity, SubjectKey, SubjectRows, Written
from gallery.store.columns import Secret
from gallery.store.enrolling import Writes, raise_if_reused, request_of, token_of
from gallery.store.feed import Feed
from gallery.store.page_tokens import Listing, model_page, page_token, parse_page_token
from gallery.store.records.heads import Head
from gallery.store.rules import fusion_model_not_found, the_subject
from gallery.store.tokens import parse
from gallery.store.values import (
    START,
    Before,
    Change,
    ConsistencyToken,
    Enrolment,
    ModelPage,
    Receipt,
    SubjectPage,
    SummaryPage,
)
from gallery.subject import Subject, SubjectSummary

Made = TypeVar("Made")
MODALITIES = tuple(Modality)

FEW = 4
"""Up to so many subjects are opened on the event loop, 0.1 ms each at most; more in a thread."""


class PartitionedStore:
    """Subjects, receipts, fusion models and change feeds in a backend, the templates sealed.

    Args:
        backend: keeps the bytes.
        table: keeps the subjects' keys, apart from the templates.
        encryption: wraps the data keys of the table.
    """

    def __init__(self, backend: Backend, table: KeyTable, encryption: KeyEncryption) -> None:
        self.backend, self.table, self.encryption = backend, table, encryption
        self._keys: dict[str, SubjectKeys] = {}
        self._writes = Writes(backend, self.keys_of)
        self._feed = Feed(backend)

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

    async def enroll(self, enrolment: Enrolment) -> Receipt:
        """See SubjectStore."""
        receipt = await self._writes.enroll(enrolment)
        self._feed.notify()
        return receipt

    async def check_enrolment(self, enrolment: Enrolment) -> None:
        """See SubjectStore."""
        await self._writes.check(enrolment)

    async def delete(self, subject_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        receipt = await self._writes.erase(subject_id, request_id, digest)
        self._feed.notify()
        return receipt

    async def before(self, request_id: str, digest: str, subject_id: str) -> Before:
        """See SubjectStore."""
        identity = await self.backend.identity()
        known = await self.backend.known(identity.key(subject_id), request_of(request_id, digest))
        raise_if_reused(request_id, digest, known.content)
        done = None if known.position is None else token_of(identity, known.position).token
        return Before(done, bool(known.head))

    async def get(self, subject_id: str) -> Subject:
        """See SubjectStore."""
        return the_subject(subject_id, await self.get_many([subject_id]))

    async def get_many(self, subject_ids: Sequence[str]) -> dict[str, Subject]:
        """See SubjectStore."""
        found = await self._made(subject_ids, MODALITIES, columns.subject)
        return {each.subject_id: each for each in found}

    async def references(
        self, modality: Modality, partitions: Sequence[int], page_size: int
    ) -> AsyncIterator[ReferencePage]:
        """See SubjectStore."""
        identity = await self.backend.identity()
        wanted = partitions or range(identity.partition_count)
        async for rows in self.backend.scan(modality, wanted, page_size):
            yield await self._page(rows)

    async def references_of(self, modality: Modality, names: Sequence[tuple[int, bytes]]) -> ReferencePage:
        """See SubjectStore."""
        keys = [SubjectKey(partition, name) for partition, name in names]
        found = await self.backend.read(keys, [modality], encounters=False)
        return await self._page([rows for rows in found if rows is not None])

    async def partition_count(self) -> int:
        """See SubjectStore."""
        return (await self.backend.identity()).partition_count

    async def name_key(self) -> bytes:
        """See SubjectStore."""
        return (await self.backend.identity()).name_key

    async def list(self, page_size: int, page_token: str = "", gallery: str = "") -> SubjectPage:
        """See SubjectStore."""
        ids, following = await self._ids(page_size, page_token, gallery)
        return SubjectPage(tuple(await self._made(ids, MODALITIES, columns.subject)), following)

    async def list_summaries(self, page_size: int, page_token: str = "", gallery: str = "") -> SummaryPage:
        """See SubjectStore."""
        ids, following = await self._ids(page_size, page_token, gallery)
        found: list[SubjectSummary] = await self._made(ids, (), columns.summary)
        return SummaryPage(tuple(found), following)

    async def count(self, gallery: str = "") -> int:
        """See SubjectStore."""
        return sum((await self.backend.counts(gallery)).values())

    async def put_model(self, model_id: str, text: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        written = await self.backend.put_model(model_id, text, request_of(request_id, digest))
        return await self._model_receipt(written, model_id, request_id, digest)

    async def delete_model(self, model_id: str, request_id: str, digest: str) -> Receipt:
        """See SubjectStore."""
        written = await self.backend.put_model(model_id, "", request_of(request_id, digest))
        return await self._model_receipt(written, model_id, request_id, digest)

    async def model(self, model_id: str) -> str:
        """See SubjectStore."""
        text = await self.backend.model(model_id)
        if text is None:
            raise fusion_model_not_found(model_id)
        return text

    async def list_models(self, page_size: int, page_token: str = "") -> ModelPage:
        """See SubjectStore."""
        after = parse_page_token(page_token, Listing.MODELS)
        return model_page(await self.backend.model_ids(after, page_size + 1), page_size)

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
        adapter = (applied or wanted).partition(".")[0]
        return parse(applied, adapter).reached(parse(wanted, adapter))

    async def ping(self) -> None:
        """See SubjectStore. Also finds out whether the keys can be used, and destroys those that wait for it."""
        await self.backend.ping()
        identity = await self.backend.identity()
        await self.keys_of(identity).check()
        await self._writes.destroy_keys()

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

    def _data_keys(self, identity: StoreIdentity) -> DataKeys:
        return DataKeys(self.table, self.encryption, identity.store_id, identity.partition_count)

    async def _ids(self, page_size: int, token: str, gallery: str) -> tuple[Sequence[str], str]:
        """Ids of a page, and the token of the next one."""
        after = parse_page_token(token, Listing.SUBJECTS, gallery)
        ids = await self.backend.ids(after, page_size + 1, gallery)
        following = page_token(ids[page_size - 1], Listing.SUBJECTS, gallery) if len(ids) > page_size else ""
        return ids[:page_size], following

    async def _made(
        self,
        subject_ids: Sequence[str],
        modalities: Sequence[Modality],
        make: Callable[[SubjectRows, Head | None, Secret], Made | None],
    ) -> list[Made]:
        """What is made of each of the subjects that exist, in order."""
        identity = await self.backend.identity()
        found = await self.backend.read([identity.key(each) for each in subject_ids], modalities, encounters=True)
        rows = [each for each in found if each is not None]
        heads, secrets = await columns.secrets_of(rows, self.keys_of(identity))

        def work() -> list[Made]:
            made = [make(*each) for each in zip(rows, heads, secrets, strict=True)]
            return [each for each in made if each is not None]

        return await _computed(len(rows), work)

    async def _page(self, rows: Sequence[SubjectRows]) -> ReferencePage:
        heads, secrets = await columns.secrets_of(rows, self.keys_of(await self.backend.identity()))
        return await _computed(len(rows), lambda: columns.page(rows, heads, secrets))

    async def _model_receipt(self, written: Written, model_id: str, request_id: str, digest: str) -> Receipt:
        raise_if_reused(request_id, digest, written.content)
        if written.position is None:
            raise fusion_model_not_found(model_id)
        token = token_of(await self.backend.identity(), written.position).token
        return Receipt(request_id, digest, model_id, "", token, written.outcome is Outcome.DONE)


async def _computed(size: int, work: Callable[[], Made]) -> Made:
    """The result of `work`; computed in a thread unless it is small."""
    return await asyncio.to_thread(work) if size > FEW else work()
