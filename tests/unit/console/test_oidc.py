"""Login by an OpenID provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from biometrics.errors import CallerUnknown, Unavailable
from console.fetching import Fetching
from console.people.oidc import BEGUN_S, Oidc, Provider
from tests.support.http_serving import answering
from tests.support.identity.tokens import jwk, key, key_set, token


class Issuer:
    """A provider on this machine.

    Attributes:
        address: its own.
        claims: what its next token says beside the usual.
        forms: what was sent for a token.
    """

    def __init__(self) -> None:
        self.address, self.claims, self.forms = "", {}, []

    def answer(self, path: str, form: str) -> bytes:
        """What it says."""
        if path.endswith("openid-configuration"):
            names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            return json.dumps({"issuer": self.address} | {each: f"{self.address}/{each}" for each in names}).encode()
        if path == "/jwks_uri":
            return key_set(jwk(key(), "one"))
        self.forms.append(parse_qs(form))
        return json.dumps({"id_token": token(**({"iss": self.address, "aud": "console"} | self.claims))}).encode()


@contextmanager
def serving(issuer: Issuer) -> Iterator[None]:
    """Serve what it says."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            data = issuer.answer(self.path, form)
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_GET  # noqa: N815 - as http.server calls it

    with answering(Handler) as origin:
        issuer.address = origin
        yield


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A provider."""
    made = Issuer()
    with serving(made):
        yield made


@pytest.fixture
def oidc(issuer, clock):
    """Logs in by it."""
    provider = Provider(issuer.address, "console", "", "roles", ("ES256",), "https://console.example.org/login/back")
    return Oidc(provider, Fetching(100_000, 5.0), clock)


async def asked(oidc):
    """What the browser is sent with, and the state."""
    url, state = await oidc.begin()
    return {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}, state


async def test_a_person_logs_in(oidc, issuer):
    """The provider's subject and roles become a person; roles that the console does not know are dropped."""
    sent, state = await asked(oidc)
    assert ("S256", "console", state) == (sent["code_challenge_method"], sent["client_id"], sent["state"])
    issuer.claims = {"nonce": sent["nonce"], "sub": "u-17", "roles": ["reviewer", "king"]}
    person = await oidc.finish(state, "code-1")
    assert ("u-17", frozenset({"reviewer"})) == (person.name, person.roles)
    ((form,),) = [issuer.forms]
    assert ["code-1"] == form["code"]
    assert len(form["code_verifier"][0]) >= 43


@pytest.mark.parametrize(
    "changes", [{"nonce": "another"}, {"aud": "others"}, {"iss": "https://evil.example"}, {"exp": 1}, {"nonce": None}]
)
async def test_tokens_that_do_not_count(oidc, issuer, changes):
    """A token of another login, client or issuer, or an old one, logs nobody in."""
    sent, state = await asked(oidc)
    issuer.claims = {"nonce": sent["nonce"], "roles": ["reviewer"]} | changes
    with pytest.raises(CallerUnknown):
        await oidc.finish(state, "code")


async def test_a_login_counts_once_and_in_time(oidc, issuer, clock):
    """A state that was not begun here, was used, or is old is refused."""
    sent, state = await asked(oidc)
    issuer.claims = {"nonce": sent["nonce"]}
    await oidc.finish(state, "code")
    _, old = await asked(oidc)
    clock.now = BEGUN_S + 1
    for each in (state, old, "made-up"):
        with pytest.raises(CallerUnknown, match="not begun here"):
            await oidc.finish(each, "code")


async def test_another_issuer(oidc, issuer):
    """A provider that says it is another one is not used."""
    oidc._provider = Provider(issuer.address + "/", "console", "", "roles", ("ES256",), "https://c.example/login/back")
    with pytest.raises(Unavailable):
        await oidc.begin()
