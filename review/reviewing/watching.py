"""Follows the changes of cases: the newest state of each, at least once.

Changes are read by their times. As an entry may appear after one of a later time (of another process, or of a clock
that is behind), the last seconds are read again and again; what was told already is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from biometrics.errors import FieldInvalid
from infra.deadlines import Deadline
from review.case import Case
from review.keeping.index_keys import CHANGED, time_key
from review.reviewing.kept import Kept

OVERLAP_S = 30.0
"""Seconds that are read again: more than a call lasts, and clocks differ."""
LONGEST_S = 3600.0
"""Seconds after which a watcher must call again."""
PAGE = 500


@dataclass(frozen=True, slots=True)
class Pace:
    """How often it is looked for changes, and how long the silence before a token alone is told; seconds."""

    poll_s: float = 1.0
    heartbeat_s: float = 30.0


@dataclass(frozen=True, slots=True)
class News:
    """A case that changed, or None; and the token to go on after it."""

    case: Case | None
    token: str


async def watch(kept: Kept, resume: str, pace: Pace | None = None) -> AsyncGenerator[News, None]:
    """The cases that change after a token, or from now on; a token alone comes first, and in silence.

    Args:
        kept: what is kept about cases.
        resume: a token that was told earlier; "": from now on.
        pace: of looking.

    Raises:
        FieldInvalid: the token is none.
        StoreUnavailable: the store does not answer.
    """
    pace, begun = pace or Pace(), kept.clock()
    since = _time(resume) if resume else begun
    told: dict[str, Case] = {}
    yield News(None, _token(since))
    silent = Deadline.after(pace.heartbeat_s)
    while kept.clock() < begun + LONGEST_S:
        async for case in _changed(kept, since):
            if case.id not in told or told[case.id].revision != case.revision:
                told[case.id] = case
                yield News(case, _token(since))
                silent = Deadline.after(pace.heartbeat_s)
        since = max(since, kept.clock() - OVERLAP_S)
        told = {case_id: case for case_id, case in told.items() if case.update_time >= since}
        if silent.has_passed:
            yield News(None, _token(since))
            silent = Deadline.after(pace.heartbeat_s)
        await asyncio.sleep(pace.poll_s)


async def _changed(kept: Kept, since: float) -> AsyncGenerator[Case, None]:
    after = time_key(CHANGED, since)
    while after:
        cases, after = await kept.cases.changed_after(after, PAGE)
        for case in cases:
            yield case


def _token(time_s: float) -> str:
    return f"{int(1000 * time_s)}"


def _time(token: str) -> float:
    if not (token.isascii() and token.isdigit() and len(token) <= 13):
        raise FieldInvalid("resume_token", "This is no token of WatchReviewCases. Leave it out to begin now.")
    return int(token) / 1000
