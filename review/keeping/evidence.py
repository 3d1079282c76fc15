"""What a case is about, beside its state: bytes that the wire makes and reads, written once for each case."""

from __future__ import annotations

from contextlib import suppress

from biometrics.errors import DocumentChanged
from gallery.store.documents.port import Documents

EVIDENCE = "review-evidence"


class Evidence:
    """Decisions and samples of cases, without pictures and templates.

    Args:
        documents: of the store.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def put(self, case_id: str, body: bytes) -> None:
        """Write the evidence of a case, unless there is some."""
        with suppress(DocumentChanged):
            await self._documents.put(EVIDENCE, case_id, body, 0)

    async def get(self, case_id: str) -> bytes:
        """The evidence of a case; b"" if it was removed."""
        found = await self._documents.get(EVIDENCE, case_id)
        return found.body if found else b""

    async def remove(self, case_id: str) -> None:
        """Remove the evidence of a case. Idempotent."""
        found = await self._documents.get(EVIDENCE, case_id)
        if found:
            with suppress(DocumentChanged):  # another process has removed it
                await self._documents.delete(EVIDENCE, case_id, found.version)
