"""Why a policy allows a call or refuses it, rule by rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from biometrics.errors import AccessDenied
from fusion.access.judging import Judge
from fusion.access.names import any_matches
from fusion.access.needs import Needs
from fusion.access.operations import Operation
from fusion.access.policy import Policy, Rule
from infra.identity.visit import Visit


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a policy says to one call.

    Args:
        rule: that allows it; None: it is refused.
        reason: of the refusal; "" if it is allowed.
        message: that the caller gets; "" if it is allowed.
        lacks: by name of each rule, in the order of the file, why it does not allow the call; "" if it does.
        needs: evidence that the gallery asks for besides.
    """

    rule: Rule | None
    reason: str
    message: str
    lacks: dict[str, str]
    needs: Sequence[Needs]


def explained(policy: Policy, visit: Visit, operation: Operation, gallery: str | None) -> Explanation:
    """What the policy says.

    Args:
        policy: the policy.
        visit: who calls, and what for.
        operation: what the call does.
        gallery: where; `*`: in all galleries; None: whichever.
    """
    judge = Judge(policy)
    lacks = {rule.name: _lack(rule, policy, visit, operation, gallery) for rule in policy.rules}
    needs = policy.needed(gallery, operation) if gallery else ()
    try:
        judge.allowing(visit, operation)
        rule = judge.allowing(visit, operation, gallery)[0]
    except AccessDenied as error:
        return Explanation(None, error.reason, error.message, lacks, needs)
    return Explanation(rule, "", "", lacks, needs)


def _lack(rule: Rule, policy: Policy, visit: Visit, operation: Operation, gallery: str | None) -> str:
    """The first condition of a rule that a call does not meet."""
    intent = visit.intent
    conditions = {
        "it is about other callers": any_matches(rule.callers, visit.caller.name),
        f"it does not allow {operation}": operation in rule.operations,
        "it is about other galleries": gallery is None or rule.has_gallery(gallery),
        "this purpose is not declared": not intent.purpose or intent.purpose in policy.purposes,
        "it is for other purposes" if intent.purpose else "a purpose must be stated": rule.has_purpose(intent),
        "a case must be stated": bool(intent.case) or not rule.require_case,
        "an officer must be stated": bool(intent.officer) or not rule.require_officer,
    }
    return next((lack for lack, holds in conditions.items() if not holds), "")
