"""All that is kept about cases, and what is destroyed with them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from biometrics.errors import DocumentChanged, Unavailable
from review.case import Case
from review.changes import erased, without_key
from review.keeping.cases import Cases
from review.keeping.evidence import Evidence
from review.keeping.subjects import Subjects
from review.keeping.vault import Vault
from review.options import ReviewOptions
from review.reviewing.witness import ReviewWitness


@dataclass(frozen=True, slots=True)
class Kept:
    """The parts of a store that hold cases.

    Args:
        cases: their states.
        evidence: what they are about.
        vault: what is sealed with them.
        subjects: whom they are about.
        options: of reviews.
        clock: returns seconds since 1970.
        witness: keeps a record of what happens by itself.
    """

    cases: Cases
    evidence: Evidence
    vault: Vault
    subjects: Subjects
    options: ReviewOptions
    clock: Callable[[], float]
    witness: ReviewWitness

    async def unsealed(self, case: Case) -> Case:
        """The case after the key of what is sealed with it is destroyed, if it has one."""
        if not case.key:
            return case
        await self.witness.happened(case.name, "KEY_DESTROYED", case.state)
        await self.vault.destroy(case.id, case.key)
        return await self.cases.change(case.name, without_key)

    async def ended(self, case: Case) -> Case:
        """The case; if it has ended, without what is sealed. Upkeep does it if that cannot be done now."""
        with suppress(Unavailable):
            return await self.unsealed(case) if case.state.is_final else case
        return case

    async def erase_subject(self, case: Case) -> Case:
        """Withdraw a case whose subject was erased, and remove what it says of the subject."""
        await self.witness.happened(case.name, "SUBJECT_ERASED", case.state)
        case = await self.cases.change(case.name, lambda own: erased(own, self.clock()))
        await self.evidence.remove(case.id)
        return await self.unsealed(case)

    async def remove(self, case: Case) -> None:
        """Remove a case with all that belongs to it, itself last."""
        await self.witness.happened(case.name, "REMOVED", case.state)
        await self.evidence.remove(case.id)
        case = await self.unsealed(case)
        with suppress(DocumentChanged):  # it was changed or removed meanwhile
            await self.cases.remove(case)
