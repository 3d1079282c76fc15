"""Applies a policy to a call: the rule that allows it, or why none does."""

from __future__ import annotations

from biometrics.errors import AccessDenied
from fusion.access.names import EVERYTHING, any_matches
from fusion.access.operations import Operation
from fusion.access.policy import Policy, Rule
from infra.identity.visit import Visit

MOST_KNOWN = 10_000
"""Pairs of caller and operation whose rules are kept at hand."""

ADVICE = "Ask the operator, who sees why with `biofusion policy explain`."


class Judge:
    """Finds the first rule that allows a call. What no rule allows is refused.

    A rule allows a call if it has the caller, the operation, the gallery and the purpose, and what it requires is
    stated. The reason of a refusal is the first of these that leaves no rule.

    Args:
        policy: what is allowed.
    """

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[tuple[str, Operation], tuple[Rule, ...]] = {}

    def allowing(self, visit: Visit, operation: Operation, gallery: str | None = None) -> tuple[Rule, ...]:
        """The rules that allow this, at least one; the first holds.

        Args:
            visit: who calls, and what for.
            operation: of the method.
            gallery: which; `*`: all of them; None: whichever, as it is not known yet, or does not matter.

        Raises:
            AccessDenied: there is none. The reason is METHOD_NOT_ALLOWED, GALLERY_NOT_ALLOWED, PURPOSE_MISSING,
                PURPOSE_NOT_ALLOWED, CASE_MISSING or OFFICER_MISSING.
        """
        intent, rules = visit.intent, self.of(visit.caller.name, operation)
        if not rules:
            raise self.refusal("METHOD_NOT_ALLOWED", f"You may not {operation}. {ADVICE}")
        if gallery is not None:
            rules = tuple(each for each in rules if each.has_gallery(gallery))
            if not rules:
                raise self.refusal("GALLERY_NOT_ALLOWED", _not_there(operation, gallery))
        is_declared = not intent.purpose or intent.purpose in self.policy.purposes
        rules = tuple(each for each in rules if is_declared and each.has_purpose(intent))
        if not rules and intent.purpose:
            raise self.refusal("PURPOSE_NOT_ALLOWED", f"You may not {operation} for this purpose. {ADVICE}")
        if not rules:
            raise self.refusal("PURPOSE_MISSING", _unstated("the purpose of the call", "purpose", operation))
        rules = tuple(each for each in rules if intent.case or not each.require_case)
        if not rules:
            raise self.refusal("CASE_MISSING", _unstated("the case that the call belongs to", "case", operation))
        rules = tuple(each for each in rules if intent.officer or not each.require_officer)
        if not rules:
            raise self.refusal("OFFICER_MISSING", _unstated("the pseudonym of who acts", "officer", operation))
        return rules

    def allows(self, visit: Visit, operation: Operation, gallery: str) -> bool:
        """Whether a rule allows this."""
        try:
            return bool(self.allowing(visit, operation, gallery))
        except AccessDenied:
            return False

    def of(self, caller: str, operation: Operation) -> tuple[Rule, ...]:
        """The rules about a caller and an operation, in the order of the file."""
        known = self._known.get((caller, operation))
        if known is None:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            known = self._known[caller, operation] = tuple(
                rule for rule in self.policy.rules if operation in rule.operations and any_matches(rule.callers, caller)
            )
        return known

    def refusal(self, reason: str, message: str, **metadata: str) -> AccessDenied:
        """The error of a call that is refused, which names the policy."""
        return AccessDenied(message, reason=reason, policy=self.policy.label, **metadata)


def _unstated(what: str, key: str, operation: Operation) -> str:
    return f"State {what} in the metadata biofusion-{key}, to {operation}."


def _not_there(operation: Operation, gallery: str) -> str:
    if gallery == EVERYTHING:
        return f"You may not {operation} in all galleries; name one that you may use, where the method takes one."
    return f"You may not {operation} in this gallery, or with a subject of it. {ADVICE}"
