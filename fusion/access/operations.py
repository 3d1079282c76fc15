"""Operations: what a policy allows. Every method is exactly one of them (fusion/wire/access/methods.py)."""

from __future__ import annotations

from enum import StrEnum


class Operation(StrEnum):
    """What a call does. The value is its name in a policy."""

    ENROL = "enrol"
    """Add an encounter to a new or known subject."""
    CHANGE = "change"
    """Change encounters, move them between subjects, change who is in which gallery."""
    VERIFY = "verify"
    """Decide about one subject."""
    IDENTIFY = "identify"
    """Search a gallery; also for duplicates."""
    EXPLAIN = "explain"
    """See what a sample and a subject have in common, as their templates show it."""
    READ = "read"
    """Read subjects without templates."""
    WATCH = "watch"
    """Follow changes."""
    DELETE = "delete"
    """Erase encounters and subjects."""
    EXPORT = "export"
    """Take templates out, of one subject or, as a job, of a gallery."""
    ASSESS = "assess"
    """Judge samples or scores that the caller sends; nothing that is stored is touched."""
    INFO = "info"
    """Read which models and calibrations are used."""
    MODELS = "models"
    """Upload and delete fusion models."""
    ADMINISTER = "administer"
    """Aliases of galleries, the list of galleries, counts of agreement."""
    IMPORT = "import"
    """Start an import: its rows name their galleries, so that it concerns all of them."""
    SWEEP = "sweep"
    """Start a duplicate sweep. What a gallery needs for identification does not hold for it."""
    MAINTAIN = "maintain"
    """Start re-templating and expiry, which concern all galleries."""
    JOBS = "jobs"
    """Read jobs and their results, cancel and delete them."""
    MATCH = "match"
    """Call a matching service directly: raw scores, no decision."""

    OPEN_CASES = "open-cases"
    """Open and withdraw review cases."""
    READ_CASES = "read-cases"
    """Read review cases and their results."""
    REVIEW = "review"
    """Claim review cases as a reviewer, and give verdicts."""
    SUPERVISE = "supervise"
    """Claim disputed review cases as a supervisor."""


NOWHERE = frozenset({Operation.ASSESS, Operation.INFO, Operation.MODELS})
"""Operations that concern no gallery."""

UNVEILING = frozenset({Operation.EXPLAIN, Operation.MATCH})
"""Operations whose answers cannot tell less than everything."""

DECIDING = frozenset({Operation.VERIFY, Operation.IDENTIFY})
"""Operations whose answer is a decision, which evidence can be asked for."""
