"""Facts that the parts of a server learn about a call and its record should have, e.g. what an alias stood for."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

remarks_of_call: ContextVar[dict[str, Any] | None] = ContextVar("remarks_of_call", default=None)
"""The facts about the call that this task serves, by name; None outside of calls."""


def remark(**facts: Any) -> None:
    """Add facts to the call's record; a later one of a name takes the place of the earlier.

    Args:
        facts: JSON values by name; no biometric data, ids of people or secrets.
    """
    known = remarks_of_call.get()
    if known is not None:
        known.update(facts)
