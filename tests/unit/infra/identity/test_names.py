from __future__ import annotations

import pytest

from biometrics.errors import AccessDenied, ConfigurationInvalid
from infra.identity.caller import LOCAL, Caller, Proof
from infra.identity.names import AllowedCallers, is_spiffe_id


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("spiffe://example.org/fusion", True),
        ("spiffe://example.org/ns/prod/sa/fusion", True),
        ("spiffe://example.org", False),
        ("spiffe://example.org/", False),
        ("spiffe://example.org/fusion/", False),
        ("spiffe://example.org//fusion", False),
        ("spiffe://example.org/../fusion", False),
        ("spiffe://example.org/a/./b", False),
        ("spiffe://Example.org/fusion", False),
        ("spiffe://example.org:443/fusion", False),
        ("spiffe://user@example.org/fusion", False),
        ("spiffe://example.org/fusion?x=1", False),
        ("spiffe://example.org/fusion#x", False),
        ("spiffe://example.org/f%75sion", False),
        ("spiffe:///fusion", False),
        ("https://example.org/fusion", False),
        ("spiffe://example.org/fusion\n", False),
        ("spiffe://example.org/" + "a" * 2048, False),
    ],
)
def test_spiffe_ids(name: str, *, is_one: bool) -> None:
    """An id has a trust domain and a path, and nothing that could be read in two ways."""
    assert is_one == is_spiffe_id(name)


PATTERNS = ("spiffe://example.org/fusion", "spiffe://example.org/operators/*", "https://i.org#kiosk", "https://j.org#*")


@pytest.mark.parametrize(
    ("name", "proof", "refused"),
    [
        ("spiffe://example.org/fusion", Proof.CERTIFICATE, ""),
        ("spiffe://example.org/operators/ann", Proof.CERTIFICATE, ""),
        ("spiffe://example.org/operators", Proof.CERTIFICATE, "CALLER_NOT_ALLOWED"),
        ("spiffe://example.org/operators2/ann", Proof.CERTIFICATE, "CALLER_NOT_ALLOWED"),
        ("spiffe://example.org/fusion2", Proof.CERTIFICATE, "CALLER_NOT_ALLOWED"),
        ("spiffe://example.org.evil/fusion", Proof.CERTIFICATE, "CALLER_NOT_ALLOWED"),
        ("https://i.org#kiosk", Proof.TOKEN, ""),
        ("https://i.org#kiosk2", Proof.TOKEN, "CALLER_NOT_ALLOWED"),
        ("https://j.org#anybody", Proof.TOKEN, ""),
    ],
)
def test_only_stated_names_are_let_in(name: str, proof: Proof, refused: str) -> None:
    """Exactly, or below a stated path or issuer; the error tells a program's name and no token's."""
    allowed = AllowedCallers(PATTERNS)
    if not refused:
        allowed.check(Caller(name, proof))
        return
    with pytest.raises(AccessDenied) as caught:
        allowed.check(Caller(name, proof))
    assert (refused, proof is Proof.CERTIFICATE) == (caught.value.reason, name in caught.value.message)


def test_without_stated_names_every_name_is_let_in() -> None:
    """But where names are stated, nobody without one."""
    AllowedCallers().check(LOCAL)
    with pytest.raises(AccessDenied):
        AllowedCallers(PATTERNS).check(LOCAL)


@pytest.mark.parametrize("pattern", ["fusion", "*", "spiffe://*", "spiffe://example.org/a*", "a#b#c", "#x", "a#"])
def test_patterns_that_name_nobody_are_refused(pattern: str) -> None:
    """At start, not when the first caller comes."""
    with pytest.raises(ConfigurationInvalid):
        AllowedCallers([pattern])
