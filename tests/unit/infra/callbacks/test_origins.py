"""Where callbacks may go."""

from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid, FieldInvalid, ServiceUnavailable
from infra.callbacks.origins import Origins

ALLOWED = Origins.parse(
    "https://hooks.example.org, +https://internal.example:8443,https://10.0.0.7,http://localhost:80,http://[::1]:8080"
)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example.org", ("https", "hooks.example.org", 443, "/", False)),
        ("https://HOOKS.example.org:443/a?b=c", ("https", "hooks.example.org", 443, "/a?b=c", False)),
        ("https://internal.example:8443/x", ("https", "internal.example", 8443, "/x", True)),
        ("https://10.0.0.7/x", ("https", "10.0.0.7", 443, "/x", True)),
        ("http://localhost/", ("http", "localhost", 80, "/", True)),
        ("http://[::1]:8080/", ("http", "::1", 8080, "/", True)),
    ],
)
def test_allowed_origins_are_found(url: str, target: tuple[str, str, int, str, bool]) -> None:
    """Scheme, host and port must be equal, whatever the path."""
    found = ALLOWED.target(url)
    assert target == (found.scheme, found.host, found.port, found.path, found.may_be_private)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "hooks.example.org",
        "//hooks.example.org/",
        "http://hooks.example.org/",
        "https://hooks.example.org:8443/",
        "https://hooks.example.org./",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:x/",
        "https://a.hooks.example.org/",
        "https://hooks.example.org.evil.example/",
        "https://hooks.example.org@evil.example/",
        "https://user@hooks.example.org/",
        "https://user:word@hooks.example.org/",
        "https://hooks.example.org\\@evil.example/",
        "https://evil.example/https://hooks.example.org/",
        "https://evil.example#hooks.example.org/",
        "https://hooks.example.org/#x",
        "https://hooks.example.org/a b",
        "https://hooks.example.org/\r\nX: y",
        "https://hooks.example.org/\x00",
        "https://hooks.example.org/é",
        "https://ｈooks.example.org/",
        "https://[hooks.example.org/",
        "https://hooks.example.org/" + "x" * 2048,
        "ftp://hooks.example.org/",
        "file:///etc/passwd",
        "https://10.0.0.8/",
        "https://167772167/",
        "http://127.0.0.1/",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    """Whatever only looks like an allowed origin is none."""
    with pytest.raises(FieldInvalid):
        ALLOWED.target(url)


@pytest.mark.parametrize(
    "text",
    ["http://hooks.example.org", "http://10.0.0.7", "hooks", "https://a/b", "https://a?b", "+", "https://a@b", "a,,b"],
)
def test_settings_that_are_no_origins_are_refused(text: str) -> None:
    """An origin has no path, and plain HTTP is for this machine."""
    with pytest.raises(ConfigurationInvalid):
        Origins.parse(text)


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "127.0.0.1",
        "10.1.2.3",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "fec0::1",
        "fe80::1",
    ],
)
def test_a_name_with_a_private_address_is_not_connected_to(name: str) -> None:
    """What a name leads to is looked at when a message is sent, unless the setting allows private addresses."""
    origins = Origins(((("https", name, 443), False),))
    host = f"[{name}]" if ":" in name else name
    with pytest.raises(ServiceUnavailable, match="private address"):
        origins.target(f"https://{host}/").address()
    allowed = Origins(((("https", name, 443), True),))
    assert allowed.target(f"https://{host}/").address()


@pytest.mark.parametrize("name", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_a_public_address_is_connected_to(name: str) -> None:
    """So is one of IPv4 that a network without IPv4 writes as one of IPv6."""
    assert (
        name
        == Origins(((("https", "hooks.example.org", 443), False),), resolve=lambda *_: [name])
        .target("https://hooks.example.org/")
        .address()
    )


def test_nothing_is_allowed_by_default() -> None:
    """Without the setting no URL is taken."""
    for each in (Origins(), Origins.parse(""), Origins.parse(" , ")):
        with pytest.raises(FieldInvalid):
            each.target("https://hooks.example.org/")
