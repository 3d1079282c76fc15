"""What is shared: tokens, encrypted files, errors, and addresses that must not be called."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from infra.settings import Settings
from tests.service.fusion.requests import someone
from tests.support.mosip_abis import kits
from tests.support.mosip_abis.adapter import running_abis, settings_of
from tests.support.mosip_abis.broker import Broker
from tests.support.mosip_abis.envelopes import Form, PartnerKey, encrypted
from tests.support.mosip_abis.partner import Partner, failed, insertion, new_id
from tests.support.mosip_abis.people import person
from tests.support.mosip_abis.share import (
    APP,
    CLIENT,
    EXPIRED,
    FORBIDDEN,
    SECRET,
    UNAUTHENTICATED,
    UNKNOWN,
    Share,
    share,
)

KEY = PartnerKey()


@pytest.fixture(scope="module")
def own_share() -> Iterator[Share]:
    """A share that no other test counts the logins of."""
    with share() as made:
        yield made


@pytest.fixture(scope="module")
def sealed_settings(
    own_share: Share, broker: Broker, address: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """Of an adapter with a partner's key."""
    made = settings_of(tmp_path_factory.mktemp("sealed"), address, broker.address, own_share, KEY)
    queues = {"mosip_abis_requests": someone(), "mosip_abis_answers": someone()}
    return replace(made, mosip_abis_gallery=someone(), mosip_abis_attempts=1, **queues)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def own_partner(sealed_settings: Settings, broker: Broker) -> Iterator[Partner]:
    """Who asks it."""
    queues = sealed_settings.mosip_abis_requests, sealed_settings.mosip_abis_answers
    with running_abis(sealed_settings):
        made = Partner(broker.address, *queues, check=kits.check)
        yield made
        made.close()


def sealed(identity: int, form: Form = Form.SINCE_1_2) -> bytes:
    """Somebody's document for the adapter."""
    return encrypted(person(identity), KEY, form)


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("is_padded", [True, False])
def test_encrypted_files(own_partner: Partner, own_share: Share, form: Form, *, is_padded: bool) -> None:
    """Files of each form are decrypted, with the padding of base64 or without."""
    data = sealed(151 + list(Form).index(form), form)
    url = own_share.put(data if is_padded else data.rstrip(b"="))
    assert "1" == own_partner.insert(new_id(), url)["returnValue"]


def test_files_that_cannot_be_decrypted(own_partner: Partner, own_share: Share) -> None:
    """What is for another partner, was changed, cut off or is not encrypted, is failure 11, as the kit has it."""
    good = sealed(154)
    middle = len(good) - 400
    changed = good[:middle] + (b"A" if good[middle : middle + 1] != b"A" else b"B") + good[middle + 1 :]
    for data in (encrypted(person(154), PartnerKey(), Form.SINCE_1_2), changed, good[:300], good[:800]):
        assert "11" == failed(own_partner.insert(new_id(), own_share.put(data)))
    for data in (b"*" * 900, person(154)):
        assert failed(own_partner.insert(new_id(), own_share.put(data))) in {"11", "16"}


def test_a_token_is_kept_and_renewed(own_partner: Partner, own_share: Share) -> None:
    """A token serves many requests; once it is refused there is a new one, without a failure."""
    assert "1" == own_partner.insert(new_id(), own_share.put(sealed(155)))["returnValue"]
    before = len(own_share.logins)
    for identity in (156, 157):
        assert "1" == own_partner.insert(new_id(), own_share.put(sealed(identity)))["returnValue"]
    assert before == len(own_share.logins)
    for refusal, place, identity in ((UNAUTHENTICATED, "header", 158), (FORBIDDEN, "cookie", 159)):
        own_share.tokens.clear()
        own_share.refusal, own_share.token_in = refusal, place
        assert "1" == own_partner.insert(new_id(), own_share.put(sealed(identity)))["returnValue"]
        before += 1
        assert before == len(own_share.logins)
    sent = own_share.logins[-1]["request"]
    assert {"appId": APP, "clientId": CLIENT, "secretKey": SECRET} == sent


def test_a_token_that_is_refused_at_once(own_partner: Partner, own_share: Share) -> None:
    """It is asked for once more, and not for ever."""
    before, url = len(own_share.logins), own_share.fail(UNAUTHENTICATED)
    assert "7" == failed(own_partner.insert(new_id(), url))
    assert len(own_share.logins) <= before + 1
    own_share.tokens.clear()
    assert "1" == own_partner.insert(new_id(), own_share.put(sealed(160)))["returnValue"]


def test_errors_of_the_share(own_partner: Partner, own_share: Share) -> None:
    """An expired share is failure 17; what is not there, or fails otherwise, is 7."""
    for code, expected in ((EXPIRED, "17"), (UNKNOWN, "7"), ("DAT-SER-001", "7"), ("KER-XYZ-1", "7")):
        assert expected == failed(own_partner.insert(new_id(), own_share.fail(code)))


def addresses(allowed: Share, other: Share) -> dict[str, str]:
    """Addresses that must not be called, or not be followed."""
    port = other.origin.rpartition(":")[2]
    path = other.url("x").removeprefix(other.origin)
    return {
        "another port": other.url("x"),
        "this machine by name": f"http://localhost:{port}{path}",
        "this machine by its own name": f"http://{socket.gethostname()}:{port}{path}",
        "all of this machine": f"http://0.0.0.0:{port}{path}",
        "a short form": f"http://127.1:{port}{path}",
        "a number": f"http://2130706433:{port}{path}",
        "IPv6": f"http://[::1]:{port}{path}",
        "IPv4 in IPv6": f"http://[::ffff:127.0.0.1]:{port}{path}",
        "metadata": "http://169.254.169.254/latest/meta-data/",
        "a user": f"http://user@127.0.0.1:{port}{path}",
        "the allowed one as a user": f"{allowed.origin}@127.0.0.1:{port}{path}",
        "a redirection": allowed.redirect(other.url("x")),
        "a redirection to metadata": allowed.redirect("http://169.254.169.254/"),
        "a file": "file:///etc/passwd",
        "another scheme": f"gopher://127.0.0.1:{port}/x",
        "no address": "not an address",
        "lines": f"{allowed.origin}/x\r\nHost: other",
        "a path": "/etc/passwd",
        "long": f"{allowed.origin}/{'x' * 9000}",
    }


def test_addresses_that_must_not_be_called(own_partner: Partner, own_share: Share) -> None:
    """Each is failure 7, and no byte is sent to any."""
    with share() as other:
        other.files["x"] = sealed(161)
        for name, url in addresses(own_share, other).items():
            assert "7" == failed(own_partner.ask(insertion(new_id(), url))), name
        assert ([], []) == (other.fetched, other.logins)
