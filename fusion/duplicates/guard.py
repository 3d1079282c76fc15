"""Stores an encounter unless, or inactive if, somebody who is enrolled may be the same person."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from biometrics.errors import BiofusionError, StoreUnavailable
from fusion.decision.decision import DecisionReason, Outcome
from fusion.duplicates.checks import first_look, second_look
from fusion.duplicates.found import Duplicates
from fusion.duplicates.in_flight import InFlight
from fusion.duplicates.newcomer import Newcomer
from fusion.duplicates.policy import OnDuplicate, are_clear, refusal, require_allowed, state_after
from fusion.duplicates.withdrawal import hold, withdraw
from fusion.models.model import FusionModel
from fusion.requests.budget import step_s
from fusion.samples.mutual import compared_with_each_other
from fusion.samples.probes import Matchers, Probe
from gallery.store.port import SubjectStore
from gallery.store.values import ConsistencyToken, Enrolment, Receipt
from gallery.subject import EncounterState
from infra.deadlines import Deadline, current_deadline
from infra.serving.request_ids import current_request_id

log = logging.getLogger("biofusion.duplicates")

SETTLE_S = 10.0
"""Time, in seconds, for the write and what follows it: they are not broken off when the caller's deadline passes."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Admitted:
    """An encounter that was stored.

    Args:
        receipt: of the write, or of the one that made the encounter INACTIVE.
        state: of the encounter.
        checks: one for each gallery.
    """

    receipt: Receipt
    state: EncounterState
    checks: tuple[Duplicates, ...]


class DuplicateGuard:
    """Checks enrolments of one process for duplicates. For one event loop.

    Args:
        matchers: the matching services.
        store: the store of enrolled subjects.
        model: the fusion model.
    """

    def __init__(self, matchers: Matchers, store: SubjectStore, model: FusionModel) -> None:
        self._parts = store, matchers, model
        self._store = store
        self._in_flight = InFlight(matchers, model)

    async def compared(self, probes: Sequence[Probe], deadline: Deadline) -> list[Probe]:
        """The probes of a newcomer, compared with each other."""
        _, matchers, model = self._parts
        return await compared_with_each_other(probes, matchers, model, step_s(deadline))

    async def look(self, newcomer: Newcomer, policy: OnDuplicate, deadline: Deadline) -> tuple[Duplicates, ...]:
        """Search the newcomer's galleries; nothing is stored.

        Raises:
            DuplicateFound, ServiceUnavailable: the enrolment would be refused.
        """
        found = await first_look(newcomer, await self._store.position(), *self._parts, deadline)
        require_allowed(policy, found)
        return tuple(found)

    async def admit(
        self, newcomer: Newcomer, policy: OnDuplicate, enrolment: Enrolment, deadline: Deadline
    ) -> Admitted:
        """Search the newcomer's galleries, store the encounter, and look at those who were stored meanwhile.

        Raises:
            DuplicateFound: the policy is REFUSE, and somebody may be the same person; nothing is stored.
            ServiceUnavailable: the policy is REFUSE, and the search could not be completed; nothing is stored.
            BiofusionError: as `SubjectStore.enroll`.
        """
        async with self._in_flight.turn(newcomer, deadline):
            since = await self._store.position()
            checks = await first_look(newcomer, since, *self._parts, deadline)
            require_allowed(policy, checks)
            state = state_after(enrolment.encounter.state, policy, checks)
            encounter = replace(enrolment.encounter, state=state)
            enrolment = replace(enrolment, encounter=encounter)
            return await _uninterrupted(self._settle(newcomer, policy, enrolment, checks, since))

    async def _settle(
        self,
        newcomer: Newcomer,
        policy: OnDuplicate,
        enrolment: Enrolment,
        checks: Sequence[Duplicates],
        since: ConsistencyToken,
    ) -> Admitted:
        deadline = Deadline.after(SETTLE_S)
        current_deadline.set(deadline)
        receipt = await self._store.enroll(enrolment)
        admitted = Admitted(receipt, enrolment.encounter.state, tuple(checks))
        if receipt.replayed or admitted.state is EncounterState.INACTIVE:
            return admitted
        try:
            again = await second_look(newcomer, checks, since, *self._parts, deadline)
        except BiofusionError as error:
            log.warning("a second look for duplicates failed: %s", error.reason)
            again = [_unknown(each) for each in checks]
        try:
            return await self._corrected(replace(admitted, checks=tuple(again)), policy, enrolment)
        except StoreUnavailable:
            log.error(  # noqa: TRY400 - the cause is the store's, and is told to the caller
                "an encounter that may be a duplicate stays active, as the store does not answer: request_id=%s",
                current_request_id.get(),
            )
            raise

    async def _corrected(self, admitted: Admitted, policy: OnDuplicate, enrolment: Enrolment) -> Admitted:
        """Hold or withdraw the encounter if the second look found somebody."""
        if policy is OnDuplicate.ALLOW or are_clear(admitted.checks):
            return admitted
        if policy is OnDuplicate.REFUSE:
            await withdraw(self._store, enrolment)
            raise refusal(admitted.checks)
        held = await hold(self._store, enrolment)
        receipt = replace(admitted.receipt, token=held.token)
        return replace(admitted, receipt=receipt, state=EncounterState.INACTIVE)


def _unknown(check: Duplicates) -> Duplicates:
    """The answer if it is not known who was stored meanwhile."""
    if not check.is_clear:
        return check
    reasons = (DecisionReason.SEARCH_INCOMPLETE, *check.decision.reasons)
    return replace(check, decision=replace(check.decision, outcome=Outcome.REVIEW, reasons=reasons))


async def _uninterrupted(work: Coroutine[Any, Any, T]) -> T:
    """The result of work that goes on to its end if the caller is cancelled; then the cancellation is raised."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()):
            log.warning("an enrolment whose caller had gone ended with %s", type(error).__name__)
        raise
