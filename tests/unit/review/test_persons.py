"""Who looks: one way of naming persons in a deployment."""

from __future__ import annotations

import pytest

from biometrics.errors import AccessDenied, BiofusionError, CallerUnknown
from infra.identity.caller import LOCAL, Caller, Proof
from infra.identity.intent import Intent
from infra.identity.visit import Visit
from review.persons import Persons

CONSOLE = Caller("spiffe://b.example/console", Proof.CERTIFICATE)
ANN = Caller("https://login.example#ann", Proof.TOKEN)
STATED = Intent(officer="bea")
TRUSTING = Persons([CONSOLE.name])


@pytest.mark.parametrize(
    ("persons", "caller", "intent", "person"),
    [
        (TRUSTING, CONSOLE, STATED, "bea"),
        (Persons(), ANN, Intent(), ANN.name),
        (Persons(), ANN, STATED, ANN.name),
        (Persons(), LOCAL, STATED, "bea"),
    ],
)
def test_named(persons: Persons, caller: Caller, intent: Intent, person: str) -> None:
    """A console states the person; else a token is the person, whatever it states; on one's machine, who is stated."""
    assert person == persons.required(Visit(caller, intent))
    assert person == persons.of(Visit(caller, intent))


@pytest.mark.parametrize(
    ("persons", "caller", "intent", "error"),
    [
        (TRUSTING, ANN, STATED, AccessDenied),
        (TRUSTING, LOCAL, STATED, AccessDenied),
        (TRUSTING, CONSOLE, Intent(), CallerUnknown),
        (Persons(), CONSOLE, STATED, CallerUnknown),
        (Persons(), LOCAL, Intent(), CallerUnknown),
    ],
)
def test_not_named(persons: Persons, caller: Caller, intent: Intent, error: type[BiofusionError]) -> None:
    """Beside a console nobody names persons; a certificate names a program; and nobody is nobody."""
    with pytest.raises(error):
        persons.required(Visit(caller, intent))
    assert "" == persons.of(Visit(caller, intent))
