"""What persons do with cases: list, claim, give back, decide, look at what is sealed."""

from __future__ import annotations

from biometrics.errors import CaseNotFound, DocumentChanged, FieldInvalid, PreconditionFailed
from infra.telemetry.metrics import reviews as metrics
from review.case import Case, Role, Verdict, VerdictReason
from review.changes import claimed, decided, given_back, settled, withdrawn
from review.keeping.cases import Page
from review.keeping.index_keys import holder_prefix, state_prefix
from review.keeping.vault import Label
from review.reviewing.kept import Kept
from review.reviewing.opening import NewCase, opened
from review.sight import CLAIMABLE, can_claim
from review.states import ReviewState

MOST_CLAIMS = 20
"""Cases that one person can hold at once."""
LOOKED_AT = 20
"""Cases that are read at once to find one that is free."""
MOST_NOTE = 2000
"""Characters of a note."""


class Reviews:
    """The use cases of persons and callers. For one event loop.

    Args:
        kept: what is kept about cases.
    """

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._trying: set[str] = set()

    async def open(self, new: NewCase) -> tuple[Case, bool]:
        """See `opened`."""
        return await opened(self._kept, new)

    async def get(self, name: str) -> Case:
        """The case as it is now. Raises CaseNotFound, StoreUnavailable."""
        return settled(await self._kept.cases.get(name), self._kept.clock())

    async def evidence_of(self, case: Case) -> bytes:
        """What the case is about; b"" after the erasure of its subject."""
        return await self._kept.evidence.get(case.id)

    async def in_states(self, states: tuple[ReviewState, ...], after: str, limit: int) -> Page:
        """Cases in some states, the most urgent first; see `Cases.page`."""
        return await self._kept.cases.page([state_prefix(each) for each in states or ReviewState], after, limit)

    async def held_by(self, person: str, after: str, limit: int) -> Page:
        """Cases that a person has claimed."""
        return await self._kept.cases.page([holder_prefix(person)], after, limit)

    async def free_for(self, person: str, role: Role, after: str, limit: int) -> Page:
        """Cases that a person can claim in a role."""
        page = await self.in_states(CLAIMABLE[role], after, limit)
        return Page(tuple(each for each in page.cases if can_claim(each, person, role)), page.following)

    async def claim(self, name: str, person: str, role: Role) -> Case:
        """The case, claimed for a person.

        Raises:
            CaseNotFound: no such case.
            PreconditionFailed: see `claimed`; TOO_MANY_CLAIMS.
        """
        if not (await self.get(name)).is_held_by(person):
            await self._require_few(person)
        return await self._claimed(name, person, role)

    async def claim_next(self, person: str, role: Role) -> Case:
        """The most urgent case that a person can claim, claimed.

        Raises:
            CaseNotFound: NO_CASE_FREE.
            PreconditionFailed: TOO_MANY_CLAIMS.
        """
        await self._require_few(person)
        page = await self.free_for(person, role, "", LOOKED_AT)
        while True:
            for case in page.cases:
                claimed_case = await self._tried(case, person, role)
                if claimed_case:
                    return claimed_case
            if not page.following:
                raise CaseNotFound("There is no case that you can claim now.", reason="NO_CASE_FREE")
            page = await self.free_for(person, role, page.following, LOOKED_AT)

    async def give_back(self, name: str, person: str) -> Case:
        """The case, given back if the person has it. Raises CaseNotFound."""
        now = self._kept.clock()
        return await self._kept.cases.change(name, lambda case: given_back(case, person, now))

    async def decide(
        self, name: str, person: str, etag: str, verdict: Verdict, reason: VerdictReason, note: str
    ) -> Case:
        """The case with the person's verdict. If it is closed by it, what was sealed is destroyed.

        Raises:
            CaseNotFound, CaseChanged, PreconditionFailed: see `decided`.
            FieldInvalid: the note is missing or too long.
        """
        if len(note) > MOST_NOTE or (reason is VerdictReason.OTHER and not note.strip()):
            raise FieldInvalid("note", f"up to {MOST_NOTE} characters are allowed, and with OTHER some are needed.")
        now = self._kept.clock()
        case = await self._kept.cases.change(name, lambda own: decided(own, person, etag, verdict, reason, note, now))
        given = case.verdicts[-1]
        metrics.VERDICTS.add(1, given.role, given.verdict)
        if case.resolution:
            metrics.ENDED.record(case.update_time - case.create_time, case.resolution)
        return await self._kept.ended(case)

    async def withdraw(self, name: str, actor: str) -> Case:
        """The case, withdrawn. Raises CaseNotFound, PreconditionFailed."""
        now = self._kept.clock()
        return await self._kept.ended(await self._kept.cases.change(name, lambda own: withdrawn(own, actor, now)))

    async def open_sealed(self, name: str, person: str, place: str) -> bytes | None:
        """What is sealed in a place of a case that this person has claimed; None if there is nothing, or no key.

        Raises:
            CaseNotFound: no such case.
            PreconditionFailed: CASE_STATE, the person has not claimed it.
        """
        case = await self.get(name)
        if not case.is_held_by(person):
            raise PreconditionFailed("You have no claim on this case. Claim it first.", reason="CASE_STATE")
        if case.sealed_expire_time <= self._kept.clock():
            return None
        return await self._kept.vault.open(Label(case.id, case.sealed_expire_time), case.key, place)

    async def _tried(self, case: Case, person: str, role: Role) -> Case | None:
        """The case, claimed; None if somebody else was quicker, or another call of this process is about to be."""
        if case.id in self._trying:
            return None
        self._trying.add(case.id)
        try:
            return await self._claimed(case.name, person, role)
        except (PreconditionFailed, DocumentChanged, CaseNotFound):
            return None
        finally:
            self._trying.discard(case.id)

    async def _claimed(self, name: str, person: str, role: Role) -> Case:
        now, lease_s = self._kept.clock(), self._kept.options.lease_s
        return await self._kept.cases.change(name, lambda case: claimed(case, person, role, now, lease_s))

    async def _require_few(self, person: str) -> None:
        if len((await self.held_by(person, "", MOST_CLAIMS)).cases) >= MOST_CLAIMS:
            raise PreconditionFailed(
                f"You hold {MOST_CLAIMS} cases. Decide them, or give some back.", reason="TOO_MANY_CLAIMS"
            )
