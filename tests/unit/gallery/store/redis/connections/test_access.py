"""gallery.store.redis.connections.access: user, password file and certificates."""

from __future__ import annotations

from pathlib import Path

import pytest

from biometrics.errors import ConfigurationInvalid
from gallery.store.redis.connections.access import Access, PasswordFile


@pytest.mark.parametrize(("user", "wanted"), [("", ("word",)), ("anna", ("anna", "word"))])
def test_the_password_is_read_whenever_it_is_needed(tmp_path: Path, user: str, wanted: tuple[str, ...]) -> None:
    """The first line without its end is the password; a new one is used for the next connection."""
    path = tmp_path / "password"
    path.write_text("word\nignored\n")
    provider = Access(user, str(path)).options(tls=False)["credential_provider"]
    assert wanted == provider.get_credentials()
    path.write_text("other")
    assert "other" == provider.get_credentials()[-1]


async def test_connections_are_made_without_warnings(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What the client asks for at each connection is answered by our own method, not by the client's outdated one."""
    path = tmp_path / "password"
    path.write_text("word")
    assert ("anna", "word") == await PasswordFile("anna", str(path)).get_credentials_async()
    assert [] == caplog.records


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """The message names the setting and holds nothing of the file."""
    path = tmp_path / "password"
    path.write_bytes(b"\xff\xfesecret")
    with pytest.raises(ConfigurationInvalid, match="BIOFUSION_REDIS_PASSWORD_FILE") as caught:
        PasswordFile("", str(path)).get_credentials()
    assert "secret" not in str(caught.value)


def test_files_of_tls_are_used_with_tls_only(tmp_path: Path) -> None:
    """Without TLS they are not looked at; with it, those that are not named are left to the machine."""
    path = tmp_path / "a.pem"
    access = Access(authority=str(path))
    assert {} == access.options(tls=False)
    with pytest.raises(ConfigurationInvalid, match=r"a\.pem"):
        access.options(tls=True)
    path.touch()
    assert {"ssl_ca_certs": str(path), "ssl_certfile": None, "ssl_keyfile": None} == access.options(tls=True)
