"""Who looks: the person behind a call, as the operator has set up that persons are named (docs/decisions/0064)."""

from __future__ import annotations

from collections.abc import Sequence

from biometrics.errors import AccessDenied, CallerUnknown
from infra.identity.caller import Proof
from infra.identity.visit import Visit


class Persons:
    """Names persons in one way only, so that one person cannot appear as two.

    1. With consoles: the officer that one of them states; from other callers no person is taken.
    2. Without: the subject of the caller's token.
    3. Where no proof is asked for, e.g. on one's own machine: the officer that is stated.

    Args:
        consoles: names of the callers that may state persons.
    """

    def __init__(self, consoles: Sequence[str] = ()) -> None:
        self._consoles = frozenset(consoles)

    def required(self, visit: Visit) -> str:
        """The person behind a call.

        Raises:
            CallerUnknown: REVIEWER_UNKNOWN, the call names none.
            AccessDenied: NOT_A_CONSOLE, the caller may not state persons.
        """
        if self._consoles and visit.caller.name not in self._consoles:
            raise AccessDenied(
                "This caller may not act for persons. Its operator can name it in BIOFUSION_REVIEW_CONSOLES.",
                reason="NOT_A_CONSOLE",
            )
        person = self.of(visit)
        if not person:
            raise CallerUnknown(
                "The call names no person. State one in the metadata `biofusion-officer`, or send a person's token.",
                reason="REVIEWER_UNKNOWN",
            )
        return person

    def of(self, visit: Visit) -> str:
        """The person behind a call; "" if it names none, or may not."""
        if self._consoles:
            return visit.intent.officer if visit.caller.name in self._consoles else ""
        if visit.caller.proof is Proof.TOKEN:
            return visit.caller.name
        return visit.intent.officer if visit.caller.proof is Proof.NONE else ""
