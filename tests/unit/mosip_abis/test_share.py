"""The data share, as the adapter asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.mosip_abis.failures import Failure, Later, Refused
from adapters.mosip_abis.share.envelopes import Envelopes
from adapters.mosip_abis.share.share import Share
from adapters.mosip_abis.share.tokens import Tokens
from infra.callbacks.origins import Origins
from tests.support.mosip_abis import share as served
from tests.support.mosip_abis.envelopes import Form, PartnerKey, encrypted

KEY = PartnerKey()


@pytest.fixture(scope="module")
def shared() -> Iterator[served.Share]:
    """A share."""
    with served.share() as made:
        yield made


@pytest.fixture
def share(shared: served.Share, tmp_path: Path) -> Share:
    """The adapter's side of it."""
    return asking(shared, tmp_path, served.SECRET)


def asking(shared: served.Share, folder: Path, secret: str, *origins: str) -> Share:
    """The adapter's side of a share, with this secret; of these origins beside the share's."""
    (folder / "secret").write_text(f"{secret}\n")
    allowed = Origins.parse(",".join((shared.origin, *origins)), "A_SETTING", "referenceURL")
    target = Origins.parse(shared.origin, "A_SETTING", "auth").target(shared.login_url)
    tokens = Tokens(target, served.CLIENT, str(folder / "secret"), served.APP)
    return Share(allowed, tokens, Envelopes(KEY.private), 10_000)


async def test_a_token_is_kept(shared: served.Share, share: Share) -> None:
    """One is asked for at first, and another when it is not taken any more; told by a header or a cookie."""
    url, before = shared.put(encrypted(b"<BIR/>", KEY, Form.SINCE_1_2)), len(shared.logins)
    for form, refusal in (("header", served.UNAUTHENTICATED), ("cookie", served.FORBIDDEN)):
        shared.token_in, shared.refusal = form, refusal
        shared.tokens.clear()
        before = len(shared.logins)
        assert b"<BIR/>" == await share.fetch(url) == await share.fetch(url)
        assert before + 1 == len(shared.logins)


@pytest.mark.parametrize(
    ("code", "failure"),
    [
        (served.EXPIRED, Failure.SHARE_EXPIRED),
        (served.UNKNOWN, Failure.NOT_FETCHED),
        (served.UNAUTHENTICATED, Failure.NOT_FETCHED),
        ("of nobody", Failure.NOT_FETCHED),
    ],
)
async def test_errors(shared: served.Share, share: Share, code: str, failure: Failure) -> None:
    """Errors come with HTTP status 200; that a token is not taken is believed after the second one."""
    with pytest.raises(Refused) as caught:
        await share.fetch(shared.fail(code))
    assert failure is caught.value.failure
    assert not isinstance(caught.value, Later)
    assert "nobody" not in str(caught.value)


async def test_what_is_not_fetched(shared: served.Share, tmp_path: Path) -> None:
    """Not another origin, not what a redirection points to, not what is too large; who does not answer may later."""
    share = asking(shared, tmp_path, served.SECRET, "http://127.0.0.1:9", "https://localhost.example:1")
    large = shared.put(b"A" * 10_001)
    for url in (
        "http://127.0.0.1:8/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
        "",
        f"{shared.origin}@127.0.0.1/",
        shared.redirect(shared.put(b"")),
        large,
    ):
        with pytest.raises(Refused, match="NOT_FETCHED") as caught:
            await share.fetch(url)
        assert not isinstance(caught.value, Later)
    with pytest.raises(Later, match="ConnectionRefusedError"):
        await share.fetch("http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("status", "is_asked_later"), [(400, False), (404, False), (408, True), (429, True), (503, True)]
)
async def test_statuses(shared: served.Share, share: Share, status: int, *, is_asked_later: bool) -> None:
    """What is busy, or fails, is asked again later; what is not there is not."""
    shared.statuses["one"] = status
    with pytest.raises(Refused, match=f"NOT_FETCHED STATUS_{status}") as caught:
        await share.fetch(shared.url("one"))
    assert is_asked_later == isinstance(caught.value, Later)


async def test_a_secret_that_is_not_taken(shared: served.Share, tmp_path: Path) -> None:
    """No token is given, and nothing is fetched."""
    before = len(shared.fetched)
    with pytest.raises(Refused, match="NO_TOKEN_GIVEN"):
        await asking(shared, tmp_path, "another").fetch(shared.put(b""))
    assert before == len(shared.fetched)


async def test_what_cannot_be_decrypted(shared: served.Share, share: Share) -> None:
    """It is failure 11, which passes, as the key may be the wrong one; nothing at all is not decrypted."""
    for data in (b"<BIR/>", encrypted(b"<BIR/>", PartnerKey(), Form.SINCE_1_2)):
        with pytest.raises(Refused, match="NOT_DECRYPTED") as caught:
            await share.fetch(shared.put(data))
        assert (Failure.NO_DATA, True) == (caught.value.failure, caught.value.passes)
    assert b"" == await share.fetch(shared.put(b""))
