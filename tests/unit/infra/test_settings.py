from __future__ import annotations

from dataclasses import fields

import pytest

from biometrics.errors import ConfigurationInvalid
from biometrics.exact_numbers import exact
from infra.setting_fields import PREFIX
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


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BIOFUSION_ENROLLED_PRIOR", "1", "is 1; 1e-9 to 0.999999999 is allowed."),
        ("BIOFUSION_MAX_PENDING", "0", "is 0; 1 to 1000000 is allowed."),
        ("BIOFUSION_MAX_IMAGE_BYTES", "2147483648", "is 2147483648; 1024 to 2147483647 is allowed."),
    ],
)
def test_ranges_are_told_exactly(name: str, value: str, told: str) -> None:
    """A refusal states the value and the range without rounding."""
    with pytest.raises(ConfigurationInvalid) as caught:
        Settings.from_environment({name: value})
    assert f"{name} {told}" == caught.value.message


@pytest.mark.parametrize("name", [each.name for each in fields(Settings) if each.metadata["low"] is not None])
def test_the_ends_of_a_range_are_taken(name: str) -> None:
    """Each end of a range is taken as it is told."""
    (each,) = (each for each in fields(Settings) if each.name == name)
    for end in (each.metadata["low"], each.metadata["high"]):
        settings = Settings.from_environment({PREFIX + "RAY_ADDRESS": "head:6379", PREFIX + name.upper(): exact(end)})
        assert end == getattr(settings, name)


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
