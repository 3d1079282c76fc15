from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from biometrics.errors import CallerUnknown
from infra.identity.caller import Caller, Proof
from infra.identity.tokens.issuer_keys import IssuerKeys
from infra.identity.tokens.token_check import Rules, TokenCheck
from tests.support.identity.tokens import AUDIENCE, ISSUER, claims, jwk, key, key_set, token

ALGORITHMS = ("RS256", "ES256", "EdDSA")


def at(seconds: int) -> int:
    """So many seconds from now."""
    return int(time.time()) + seconds


def checking(*keys: dict[str, str], **rules: Any) -> TokenCheck:
    """A check by these keys; by default by one of each kind."""
    every = keys or tuple(jwk(key(each), "one" if each == "ES256" else each, each) for each in ALGORITHMS)

    async def read() -> bytes:
        return key_set(*every)

    return TokenCheck(Rules(ISSUER, AUDIENCE, ALGORITHMS, **rules), IssuerKeys(read))


async def refusal(sent: str, check: TokenCheck | None = None) -> str:
    """Why a token is refused; the message quotes nothing of it."""
    with pytest.raises(CallerUnknown) as caught:
        await (check or checking()).caller(sent)
    assert not any(len(part) > 5 and part in caught.value.message for part in sent.split("."))
    return caught.value.reason


def encoded(part: object) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def signed_by_the_public_key() -> str:
    """A token whose HMAC is made with the issuer's public key, which everybody knows."""
    head = encoded({"alg": "HS256", "kid": "RS256"}) + "." + encoded(claims())
    public = key("RS256").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    mac = hmac.digest(public, head.encode(), "sha256")
    return head + "." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
async def test_a_valid_token_names_its_subject(algorithm: str) -> None:
    """Of each kind of signature, also for several audiences and a clock that is a little wrong."""
    kid = "one" if algorithm == "ES256" else algorithm
    check = checking()
    for changed in ({}, {"aud": ["other", AUDIENCE]}, {"exp": at(-5)}, {"nbf": at(5)}):
        expected = Caller(f"{ISSUER}#kiosk-7", Proof.TOKEN)
        assert expected == await check.caller(token(None, kid, algorithm, **changed))


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (lambda: token(exp=at(-60)), "TOKEN_EXPIRED"),
        (lambda: token(nbf=at(300)), "TOKEN_EARLY"),
        (lambda: token(iat=at(300)), "TOKEN_EARLY"),
        (lambda: token(aud="other"), "TOKEN_AUDIENCE"),
        (lambda: token(aud=[]), "TOKEN_CLAIMS"),
        (lambda: token(iss="https://issuer.example.org/"), "TOKEN_ISSUER"),
        (lambda: token(exp=None), "TOKEN_CLAIMS"),
        (lambda: token(aud=None), "TOKEN_CLAIMS"),
        (lambda: token(iss=None), "TOKEN_CLAIMS"),
        (lambda: token(sub=None), "TOKEN_CLAIMS"),
        (lambda: token(sub="a b"), "TOKEN_SUBJECT"),
        (lambda: token(sub="a#b"), "TOKEN_SUBJECT"),
        (lambda: token(sub=""), "TOKEN_SUBJECT"),
        (lambda: token(exp="soon"), "TOKEN_MALFORMED"),
        (lambda: token(key(name="other")), "TOKEN_SIGNATURE"),
        (lambda: token()[:-6] + "AAAAAA", "TOKEN_SIGNATURE"),
        (lambda: token(kid="unknown"), "TOKEN_KEY"),
        (lambda: token(kid="RS256"), "TOKEN_KEY"),
        (lambda: token(key("RS256"), "RS256", "PS256"), "TOKEN_ALGORITHM"),
        (lambda: encoded({"alg": "none"}) + "." + encoded(claims()) + ".", "TOKEN_ALGORITHM"),
        (lambda: encoded({"alg": "None", "kid": "one"}) + "." + encoded(claims()) + ".", "TOKEN_ALGORITHM"),
        (lambda: encoded({"alg": "ES256", "kid": "one"}) + "." + encoded(claims()) + ".", "TOKEN_SIGNATURE"),
        (signed_by_the_public_key, "TOKEN_ALGORITHM"),
        (lambda: jwt.encode(claims(), "x" * 32, "HS256", {"kid": "one"}), "TOKEN_ALGORITHM"),
        (lambda: token(headers={"crit": ["exp"]}), "TOKEN_MALFORMED"),
        (lambda: encoded({"alg": "ES256", "kid": 1}) + "." + encoded(claims()) + ".AAAA", "TOKEN_MALFORMED"),
        (lambda: encoded({"alg": ["ES256"]}) + "." + encoded(claims()) + ".AAAA", "TOKEN_ALGORITHM"),
        (lambda: "x" * 8193, "TOKEN_MALFORMED"),
        (lambda: "x.y", "TOKEN_MALFORMED"),
        (lambda: "", "TOKEN_MALFORMED"),
        (lambda: base64.urlsafe_b64encode(b"[" * 5000).decode() + ".AAAA.AAAA", "TOKEN_MALFORMED"),
    ],
)
async def test_wrong_tokens_are_refused_by_what_is_wrong(sent: Any, reason: str) -> None:
    """Each with its own reason, before and after a valid one was seen."""
    check = checking()
    assert reason == await refusal(sent(), check)
    await check.caller(token())
    assert reason == await refusal(sent(), check)


async def test_a_key_with_an_algorithm_verifies_no_other() -> None:
    """Nor one that is for encryption; without a key id, only the single key of its kind is taken."""
    assert "TOKEN_KEY" == await refusal(token(), checking(jwk(key(), "one", alg="ES384")))
    assert "TOKEN_KEY" == await refusal(token(), checking(jwk(key(), "one", use="enc"), jwk(key(name="b"), "b")))
    await checking(jwk(key(), "one")).caller(token(kid=None))
    assert "TOKEN_KEY" == await refusal(token(kid=None), checking(jwk(key(), "one"), jwk(key(name="b"), "b")))


async def test_a_remembered_token_ends_with_its_time() -> None:
    """And when the issuer withdraws its key."""
    keys, clock = [jwk(key(), "one")], [time.time()]

    async def read() -> bytes:
        return key_set(*keys)

    issuer_keys = IssuerKeys(read, lambda: clock[0])
    check = TokenCheck(Rules(ISSUER, AUDIENCE, ALGORITHMS), issuer_keys, lambda: clock[0])
    sent = token(exp=at(100))
    first = await check.caller(sent)
    assert first is await check.caller(sent)
    clock[0] += 200
    assert first is not await check.caller(sent)  # by PyJWT's own clock it is still valid
    keys[:] = [jwk(key(name="new"), "new")]
    clock[0] += 100_000
    assert "TOKEN_KEY" == await refusal(sent, check)


async def test_another_claim_can_name_the_caller() -> None:
    """As some issuers state programs elsewhere."""
    check = checking(subject="azp")
    assert f"{ISSUER}#kiosk" == (await check.caller(token(azp="kiosk"))).name
    assert "TOKEN_CLAIMS" == await refusal(token(), check)
