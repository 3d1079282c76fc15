"""Subjects and receipts of the in-memory store."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from biometrics.errors import RequestIdReused
from gallery.partitions import partition_of
from gallery.store.values import ChangeKind, Receipt
from gallery.subject import DEFAULT_GALLERY, Subject
from tests.support.fakes.memory_feed import MemoryFeed


@dataclass
class MemoryReceipts(MemoryFeed):
    """Subjects by id, and receipts by partition and request id."""

    subjects: dict[str, Subject] = field(default_factory=dict)
    receipts: dict[tuple[int, str], Receipt] = field(default_factory=dict)
    ever: set[str] = field(default_factory=lambda: {"", DEFAULT_GALLERY})

    def _done(self, request_id: str, digest: str, written: str, partition: int | None = None) -> Receipt | None:
        """The receipt of a repeated request; receipts are kept by partition, those of models in 0."""
        own = partition_of(written, self.partitions) if partition is None else partition
        known = self.receipts.get((own, request_id))
        if known and known.digest != digest:
            raise RequestIdReused(request_id)
        return known and replace(known, subject_id=written, encounter_id="")

    def _keep(self, request_id: str, digest: str, model_id: str) -> Receipt:
        receipt = Receipt(request_id, digest, model_id, "", self._token(self._newest(0)))
        self.receipts[0, request_id] = replace(receipt, replayed=True)
        return receipt

    async def _log(self, request_id: str, digest: str, subject_id: str, encounter_id: str, kind: ChangeKind) -> Receipt:
        receipt = Receipt(request_id, digest, subject_id, encounter_id, await self._append(subject_id, kind))
        self.receipts[partition_of(subject_id, self.partitions), request_id] = replace(receipt, replayed=True)
        return receipt
