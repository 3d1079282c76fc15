"""Who is let in by certificates, on real servers."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import pytest

from infra import file_watch
from tests.support.identity.named_server import certificates, channel, named_server, told, told_by_stream
from tests.support.identity.tokens import token

FUSION = "spiffe://example.org/fusion"
BEARER = ("authorization", f"Bearer {token()}")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of all kinds."""
    return certificates(
        tmp_path_factory.mktemp("tls"),
        ("fusion", f"URI:{FUSION},DNS:fusion", 2),
        ("operator", "URI:spiffe://example.org/operators/ann", 2),
        ("kiosk", "URI:spiffe://example.org/kiosk", 2),
        ("twofold", f"URI:{FUSION},URI:spiffe://example.org/operators/ann", 2),
        ("nameless", "DNS:fusion", 2),
        ("foreign", "URI:https://example.org/fusion", 2),
        ("expired", f"URI:{FUSION}", -1),
    )


def asking(
    folder: Path, own: str = "server", allowed: str = f"{FUSION},spiffe://example.org/operators/*"
) -> dict[str, str]:
    """The settings of a server that takes only callers with certificates and certain names."""
    return {
        "tls_certificate": str(folder / f"{own}.pem"),
        "tls_key": str(folder / f"{own}.key"),
        "tls_client_authority": str(folder / "authority.pem"),
        "allowed_callers": allowed,
    }


@pytest.mark.parametrize(
    ("shown", "answer"),
    [
        ("fusion", FUSION),
        ("operator", "spiffe://example.org/operators/ann"),
        ("kiosk", "CALLER_NOT_ALLOWED"),
        ("twofold", "CERTIFICATE_NAME"),
        ("nameless", "CERTIFICATE_NAME"),
        ("foreign", "CERTIFICATE_NAME"),
        ("expired", "UNAVAILABLE"),
        ("stranger", "UNAVAILABLE"),
        ("", "UNAVAILABLE"),
    ],
)
async def test_only_accepted_names_of_the_own_authority_come_in(folder: Path, shown: str, answer: str) -> None:
    """For calls and streams alike; without a valid certificate there is not even a connection."""
    async with named_server(**asking(folder)) as server, channel(server.port, folder, shown) as to:
        assert (answer, answer) == (await told(to), await told_by_stream(to))


async def test_a_port_with_tls_speaks_no_plain_text(folder: Path) -> None:
    """And a token beside a certificate is refused."""
    async with named_server(**asking(folder)) as server:
        async with channel(server.port) as to:
            assert "UNAVAILABLE" == await told(to, BEARER)
        async with channel(server.port, folder, "fusion") as to:
            assert ("TOKEN_UNEXPECTED", FUSION) == (await told(to, BEARER), await told(to))


async def test_certificates_are_renewed_while_the_server_runs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open connection goes on; a new one is made with the new files, and with the new authority only."""
    monkeypatch.setattr(file_watch, "LOOK_S", 0.0)
    (tmp_path / "new").mkdir()
    new = certificates(tmp_path / "new", ("fusion", f"URI:{FUSION}", 2))
    for name in ("authority.pem", "server.pem", "server.key"):
        copyfile(folder / name, tmp_path / name)
    async with named_server(**asking(tmp_path)) as server, channel(server.port, folder, "fusion") as before:
        assert FUSION == await told(before)
        copyfile(new / "server.pem", tmp_path / "server.pem")  # the other half is still to come
        async with channel(server.port, folder, "fusion") as meanwhile:
            assert FUSION == await told(meanwhile)
        for name in ("authority.pem", "server.key"):
            copyfile(new / name, tmp_path / name)
        async with channel(server.port, new, "fusion") as after, channel(server.port, folder, "operator") as late:
            assert FUSION == await told(after)
            assert "UNAVAILABLE" == await told(late)
        assert FUSION == await told(before)
