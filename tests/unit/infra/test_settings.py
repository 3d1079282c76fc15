from __future__ import annotations

from dataclasses import fields

import pytest

from biometrics.errors import ConfigurationInvalid
from infra.settings import Settings


def test_defaults_are_local() -> None:
    """Without any variable the server listens on loopback and the store is a file."""
    settings = Settings.from_environment({})
    assert ("127.0.0.1", True) == (settings.host, settings.loopback)
    assert settings.store.startswith("sqlite:///")
    settings.check_bind()


def test_values_are_read() -> None:
    """Each type is parsed from its text."""
    settings = Settings.from_environment(
        {"BIOFUSION_PORT": "0", "BIOFUSION_FMR": "1e-6", "BIOFUSION_ALLOW_INSECURE_BIND": "true", "OTHER": "x"}
    )
    assert (0, 1e-6, True) == (settings.port, settings.fmr, settings.allow_insecure_bind)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BIOFUSION_PORT", "http"),
        ("BIOFUSION_PORT", "70000"),
        ("BIOFUSION_FMR", "0"),
        ("BIOFUSION_FMR", "nan"),
        ("BIOFUSION_ALLOW_INSECURE_BIND", "maybe"),
        ("BIOFUSION_LOG_LEVEL", "LOUD"),
        ("BIOFUSION_PROT", "1"),
    ],
)
def test_bad_values_are_named(name: str, value: str) -> None:
    """An invalid value or a misspelt name is refused with the variable's name."""
    with pytest.raises(ConfigurationInvalid, match=name):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.1", "::", "example.test"])
def test_a_bind_beyond_loopback_needs_a_setting(host: str) -> None:
    """Without TLS, the server listens beyond loopback only if the setting allows it."""
    with pytest.raises(ConfigurationInvalid, match="ALLOW_INSECURE_BIND"):
        Settings(host=host).check_bind()
    Settings(host=host, allow_insecure_bind=True).check_bind()
    Settings(host=host, tls_certificate="c.pem", tls_key="k.pem").check_bind()


def test_half_a_key_pair() -> None:
    """A certificate without its key is refused."""
    with pytest.raises(ConfigurationInvalid, match="together"):
        Settings(tls_certificate="c.pem")


def test_every_setting_is_documented() -> None:
    """Every setting has a documentation."""
    assert [] == [each.name for each in fields(Settings) if not each.metadata["doc"]]
