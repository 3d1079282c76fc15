"""What verification finds wrong with a chain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """Kinds of faults."""

    CHANGED = "CHANGED"
    """A record is not the one that was written, or does not follow from the one before it."""
    MISSING = "MISSING"
    """Records, or a file of them, that once were there are not."""
    MOVED = "MOVED"
    """A record, or a file of them, is in another place than it was written to."""
    FORKED = "FORKED"
    """The chain is another one than it was: it was written again from some record on, or is there twice."""
    TRUNCATED = "TRUNCATED"
    """The chain ends before a head that was kept."""
    BADLY_SIGNED = "BADLY_SIGNED"
    """A head does not stand for the records before it, or is not signed by a key that is trusted."""
    UNSIGNED = "UNSIGNED"
    """More records are without a head than a process leaves."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Args:
        kind: what it is.
        where: instance and number of the record, `fusion-0/17`; of a whole chain its instance.
        what: a sentence.
    """

    kind: FaultKind
    where: str
    what: str
