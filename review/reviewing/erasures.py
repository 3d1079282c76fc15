"""Follows the store's change feed, to withdraw the cases of subjects that were erased.

How far it was read is kept as a document, so that no erasure is missed while no process runs. If the feed does not
reach back so far, all cases are checked.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from biometrics.errors import BiofusionError, DocumentChanged, FeedTruncated, FieldInvalid, StoreSetBack
from gallery.store.subject_store import PartitionedStore
from gallery.store.tokens import joined
from gallery.store.values import ChangeKind, ConsistencyToken
from review.reviewing.kept import Kept

log = logging.getLogger(__name__)

COLLECTION, KEY = "review-state", "erasures"
BATCH = 500
WAIT_S = 10.0
RETRY_S = 1.0


class Erasures:
    """Follows the erasures of a store.

    Args:
        store: its feed is read.
        kept: what is kept about cases.
    """

    def __init__(self, store: PartitionedStore, kept: Kept) -> None:
        self._store, self._kept, self._documents = store, kept, store.backend.documents

    async def follow(self) -> None:
        """Follow until cancelled."""
        while True:
            try:
                await self.step(WAIT_S)
            except BiofusionError as error:
                log.warning("Erasures cannot be followed now: %s", error.message)
                await asyncio.sleep(RETRY_S)

    async def step(self, wait_s: float) -> None:
        """Read the next changes, waiting for some, and act on the erasures among them.

        Raises:
            StoreUnavailable, KeyUnavailable: the store or the key service does not answer.
        """
        position = await self._position()
        if position is None:
            newest = await self._store.position()
            await self.check_all()
            await self._keep(newest)
            return
        try:
            changes = await self._store.changes(position, BATCH, wait_s)
        except (FeedTruncated, FieldInvalid, StoreSetBack):
            await self._keep(ConsistencyToken(""))
            return
        for each in changes:
            if each.kind is ChangeKind.DELETE:
                await self._withdraw(each.name.hex())
        if changes:
            await self._keep(joined([position, *(each.token for each in changes)]))

    async def check_all(self) -> None:
        """Withdraw every case whose subject does not exist. Raises as `step`."""
        async for case in self._kept.cases.all():
            about = [each for each in (case.subject_id, case.probe_subject_id) if each]
            if not all([await self._kept.subjects.exists(each) for each in about]):
                await self._kept.erase_subject(case)

    async def _withdraw(self, subject_name: str) -> None:
        for case in await self._kept.cases.of_subject(subject_name):
            await self._kept.erase_subject(case)

    async def _position(self) -> ConsistencyToken | None:
        found = await self._documents.get(COLLECTION, KEY)
        return ConsistencyToken(found.body.decode()) if found and found.body else None

    async def _keep(self, position: ConsistencyToken) -> None:
        """Keep how far the feed was read. Another process may have kept its own, which is as good: both act on all."""
        found = await self._documents.get(COLLECTION, KEY)
        with suppress(DocumentChanged):
            await self._documents.put(COLLECTION, KEY, position.encode(), found.version if found else 0)
