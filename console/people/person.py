"""A person who uses the console, and what they may do there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from infra.identity.intent import SAFE

REVIEWER, SUPERVISOR, OPERATOR = "reviewer", "supervisor", "operator"
ROLES = (REVIEWER, SUPERVISOR, OPERATOR)


@dataclass(frozen=True, slots=True)
class Person:
    """One person.

    Args:
        name: pseudonym, the same at every login; the services know the person by it (`biofusion-officer`).
        roles: some of ROLES.
    """

    name: str
    roles: frozenset[str]

    def may(self, *roles: str) -> bool:
        """Whether the person has one of these roles."""
        return not self.roles.isdisjoint(roles)


def pseudonym(subject: str) -> str:
    """The name of an OpenID subject: itself, or its SHA-256 if it has characters that names may not have."""
    return subject if SAFE.fullmatch(subject) else f"oidc-{hashlib.sha256(subject.encode()).hexdigest()[:32]}"
