"""What the policy said to the call that is being served; answers and records read it."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from fusion.access.needs import Needs
from fusion.access.operations import Operation
from fusion.access.policy import Detail, Rule
from fusion.access.quotas import Charge


@dataclass(slots=True)
class Grant:
    """What was said to one call. It is filled as the call proceeds.

    Args:
        policy: version and digest of the policy.
        operation: of the method; None if the policy knows no such method.
        rules: that allow it, in the order of the galleries; none: it is refused, or not judged yet.
        needs: all of which the evidence must meet.
        charges: what was counted for quotas.
    """

    policy: str
    operation: Operation | None = None
    rules: Sequence[Rule] = ()
    needs: tuple[Needs, ...] = ()
    charges: list[Charge] = field(default_factory=list)

    @property
    def detail(self) -> Detail:
        """How much the answer tells: as the strictest of the rules says."""
        return max((rule.detail for rule in self.rules), default=Detail.FULL)

    @property
    def rule_names(self) -> tuple[str, ...]:
        """Names of the rules."""
        return tuple(rule.name for rule in self.rules)


current_grant: ContextVar[Grant | None] = ContextVar("current_grant", default=None)
"""Of the call that this task serves; None: no policy is set."""


def needed() -> tuple[tuple[Needs, ...], str]:
    """The evidence that this task's call needs, and the policy that asks for it; none without a policy."""
    grant = current_grant.get()
    return (grant.needs, grant.policy) if grant else ((), "")
