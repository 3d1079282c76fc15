from __future__ import annotations

import asyncio
from typing import Any

import pytest

from biometrics.errors import CallerUnknown, Unavailable
from infra.identity.tokens.issuer_keys import FIRST_PAUSE_S, FRESH_S, LAST_S, PAUSE_S, IssuerKeys
from infra.identity.tokens.key_source import keys_unavailable
from tests.support.identity.tokens import jwk, key, key_set


class Issuer:
    """Publishes keys of these names, or nothing; counts how often it is asked."""

    def __init__(self, *names: str) -> None:
        self.names, self.asked, self.now = names, 0, 1000.0
        self.has_answered = asyncio.Event()
        self.keys = IssuerKeys(self.read, lambda: self.now)

    async def read(self) -> bytes:
        """See IssuerKeys."""
        self.asked += 1
        await asyncio.sleep(0)
        self.has_answered.set()
        if not self.names:
            raise keys_unavailable("ConnectionRefusedError")
        return key_set(*(jwk(key(name=name), name) for name in self.names))

    async def find(self, name: str) -> Any:
        """The key of this id."""
        return await self.keys.find(name, "ES256")


async def test_keys_are_fetched_once_for_all_calls() -> None:
    """Calls that arrive together wait for one answer."""
    issuer = Issuer("one")
    await asyncio.gather(*(issuer.find("one") for _ in range(50)))
    assert 1 == issuer.asked


async def test_an_unknown_key_id_fetches_them_again() -> None:
    """A key that the issuer has added is found; but it is asked every 30 s at most, whatever tokens name."""
    issuer = Issuer("one")
    await issuer.find("one")
    issuer.names, issuer.now = ("one", "two"), issuer.now + PAUSE_S
    await issuer.find("two")
    for each in ("x", "y", "z"):
        with pytest.raises(CallerUnknown) as caught:
            await issuer.find(each)
        assert "TOKEN_KEY" == caught.value.reason
    assert 2 == issuer.asked


async def test_the_last_keys_count_while_the_issuer_is_down() -> None:
    """For a day; then tokens cannot be checked, until it answers again."""
    issuer = Issuer("one")
    await issuer.find("one")
    issuer.names = ()
    for passed in (FRESH_S, LAST_S / 2):
        issuer.now += passed
        await issuer.find("one")
    issuer.now += LAST_S
    with pytest.raises(Unavailable) as caught:
        await issuer.find("one")
    facts = caught.value.reason, caught.value.metadata["cause"]
    assert ("TOKEN_KEYS_UNAVAILABLE", "ConnectionRefusedError") == facts
    issuer.names, issuer.now = ("one",), issuer.now + PAUSE_S
    await issuer.find("one")


async def test_a_withdrawn_key_ends_after_a_while() -> None:
    """Calls do not wait for the answer that withdraws it."""
    issuer = Issuer("one", "two")
    await issuer.find("two")
    issuer.names, issuer.now = ("one",), issuer.now + FRESH_S
    issuer.has_answered.clear()
    await issuer.find("two")
    await issuer.has_answered.wait()
    with pytest.raises(CallerUnknown):
        await issuer.find("two")


async def test_an_issuer_that_is_down_at_first_is_asked_soon_again() -> None:
    """And calls meanwhile are told to try again."""
    issuer = Issuer()
    for _ in range(3):
        with pytest.raises(Unavailable):
            await issuer.find("one")
    assert 1 == issuer.asked
    issuer.names, issuer.now = ("one",), issuer.now + FIRST_PAUSE_S
    await issuer.find("one")


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"keys":[]}', b'{"keys":[1]}', b"\xff", b"[" * 100_000])
async def test_an_answer_without_keys_is_none(raw: bytes) -> None:
    """Whatever the issuer sends instead."""

    async def read() -> bytes:
        return raw

    with pytest.raises(Unavailable) as caught:
        await IssuerKeys(read).find("one", "ES256")
    assert "NO_KEY_SET" == caught.value.metadata["cause"]


async def test_secret_and_short_keys_are_left_out() -> None:
    """A key that is published by mistake, or that can be computed, verifies nothing."""
    kinds = [
        {"kty": "oct", "kid": "one", "k": "AAAA"},
        jwk(key(), "one") | {"kty": "EC2"},
        {"kty": "RSA", "kid": "one", "n": "3" * 171, "e": "AQAB"},
        {"kty": "EC", "kid": "one", "crv": "P-256"},
    ]

    async def read() -> bytes:
        return key_set(*kinds, jwk(key(), "two"))  # type: ignore[arg-type]

    keys = IssuerKeys(read)
    await keys.find("two", "ES256")
    for algorithm in ("HS256", "ES256", "RS256"):
        with pytest.raises(CallerUnknown):
            await keys.find("one", algorithm)
