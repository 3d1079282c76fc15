"""The gate of a server with a policy: every call must be allowed by a rule, for what it does and what it reaches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from biofusion.fusion.v1 import subjects_pb2
from biofusion.type.v1 import decision_pb2

from fusion.access.enough import require_enough
from fusion.access.grant import Grant, current_grant
from fusion.access.judging import Judge
from fusion.access.needs import Needs
from fusion.access.operations import DECIDING, Operation
from fusion.access.policy import Policy
from fusion.access.policy_file import PolicyFile
from fusion.access.quotas import Quotas, take_back_misses
from fusion.requests.limits import MAX_SAMPLES, require_few
from fusion.wire.access.coarse import lessened
from fusion.wire.access.lookup import OF_JOBS, Lookup, first_allowed
from fusion.wire.access.methods import METHODS, Method, operations_of, samples_of
from fusion.wire.access.reach import job, most_samples
from gallery.store.limits import MAX_GALLERIES
from infra.identity.remarks import remark
from infra.identity.visit import Visit, current_visit
from infra.serving.door import Gate
from infra.serving.exchange import Context

MAX_ABOUT = 1_000
"""Most subjects that a request is about: as many as a matching service scores. Beyond its limits a request is refused
before it is judged, since the store is asked for each name."""


class PolicyGate:
    """Asks another gate who calls, and a policy what that caller may do. It is a Gate and an Exit.

    Args:
        identified: finds out who calls.
        policy: the policy in force.
        lookup: finds what requests name.
        quotas: counts uses.
    """

    def __init__(self, identified: Gate, policy: PolicyFile, lookup: Lookup, quotas: Quotas | None = None) -> None:
        self._identified, self._policy, self._lookup = identified, policy, lookup
        self._quotas = quotas or Quotas()

    async def visit(self, method: str, context: Context) -> Visit:
        """See Gate. A caller that may not call the method in any gallery is refused before its message is read."""
        visit = await self._identified.visit(method, context)
        current_visit.set(visit)
        judge, known = await self._policy.current(), METHODS.get(method)
        _granted(judge, known)
        if known is None:
            raise judge.refusal("METHOD_NOT_ALLOWED", "The policy knows no such method, so that nobody may call it.")
        first_allowed(OF_JOBS if known.reaches is job else (known.operation,), judge, visit)
        return visit

    async def admit(self, visit: Visit, method: str, request: Any) -> None:
        """See Gate. Raises FieldInvalid too: the request names more than is allowed."""
        await self._identified.admit(visit, method, request)
        judge, known = await self._policy.current(), METHODS[method]
        grant, reached, samples = _granted(judge, known), known.reaches(request), samples_of(request)
        require_few("galleries", reached.galleries, MAX_GALLERIES)
        require_few("subject_ids", reached.about, MAX_ABOUT)
        require_few("samples", samples or (), MAX_SAMPLES)
        found = [await self._lookup.found(judge, visit, each, reached) for each in operations_of(known, request)]
        grant.rules = tuple({rule.name: rule for each in found for rule in each.rules}.values())
        galleries = dict.fromkeys(name for each in found for name in each.galleries)
        grant.needs = _needs(judge.policy, known.operation, galleries, has_samples=samples is not None)
        counts = most_samples(samples) if samples and grant.needs else None
        if counts is not None:
            require_enough(counts, grant.needs, grant.policy)
        grant.charges = self._quotas.charge(grant.rules, visit, reached.about)
        remark(rules=list(grant.rule_names))

    async def leave(self, response: Any) -> Any:
        """See Exit: the answer with as much detail as the rules allow. A MATCH is taken back from quotas of misses."""
        grant = current_grant.get()
        if grant is None:
            return response
        decision = getattr(response, "decision", None)
        if decision is not None and decision.outcome == decision_pb2.OUTCOME_MATCH:
            take_back_misses(grant.charges)
        await self._hide_galleries(response)
        return await lessened(response, grant.detail)

    def failed(self) -> None:
        """See Exit: a call without an outcome is no miss."""
        if grant := current_grant.get():
            take_back_misses(grant.charges)

    async def _hide_galleries(self, response: Any) -> None:
        """Of subjects that are read, name no gallery in which the caller may not read: it may be a watchlist."""
        match response:
            case subjects_pb2.GetSubjectResponse():
                subjects = [response.subject]
            case subjects_pb2.ListSubjectsResponse():
                subjects = list(response.subjects)
            case _:
                return
        judge, visit = await self._policy.current(), current_visit.get()
        for each in subjects:
            each.galleries[:] = [name for name in each.galleries if judge.allows(visit, Operation.READ, name)]


def _needs(policy: Policy, operation: Operation, galleries: Iterable[str], *, has_samples: bool) -> tuple[Needs, ...]:
    """The evidence that a call needs.

    Raises:
        AccessDenied: a matching service is to search the gallery: it makes no decision, so that nothing is enough.
    """
    asks = operation if operation in DECIDING else Operation.IDENTIFY
    needs = tuple(dict.fromkeys(each for name in galleries for each in policy.needed(name, asks)))
    if operation is Operation.MATCH:
        require_enough({}, needs, policy.label)
    return needs if operation in DECIDING or has_samples else ()


def _granted(judge: Judge, known: Method | None) -> Grant:
    grant = Grant(judge.policy.label, known.operation if known else None)
    remark(policy=grant.policy)
    current_grant.set(grant)
    return grant
