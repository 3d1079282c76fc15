"""The visit that a call is: who calls, and what for."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field

from infra.identity.caller import LOCAL, Caller
from infra.identity.intent import Intent


@dataclass(frozen=True, slots=True)
class Visit:
    """One call's caller and intent.

    Args:
        caller: who calls.
        intent: what for.
    """

    caller: Caller = LOCAL
    intent: Intent = field(default_factory=Intent)


current_visit: ContextVar[Visit] = ContextVar("current_visit", default=Visit())  # noqa: B039 - immutable
"""The visit that this task serves."""
