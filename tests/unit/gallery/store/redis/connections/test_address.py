"""gallery.store.redis.connections.address: what a URL of Redis says."""

from __future__ import annotations

import pytest

from biometrics.errors import ConfigurationInvalid
from gallery.store.redis.connections.address import Address, Kind, is_redis


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("redis://localhost", Address(Kind.SERVER, (("localhost", 6379),), "", 0, tls=False)),
        ("rediss://host:6380/2", Address(Kind.SERVER, (("host", 6380),), "", 2, tls=True)),
        ("redis://[::1]:7/0", Address(Kind.SERVER, (("::1", 7),), "", 0, tls=False)),
        ("redis+cluster://a:1,b", Address(Kind.CLUSTER, (("a", 1), ("b", 6379)), "", 0, tls=False)),
        ("rediss+cluster://a:1/0", Address(Kind.CLUSTER, (("a", 1),), "", 0, tls=True)),
        (
            "redis+sentinel://a,b:2/my%20store/3",
            Address(Kind.SENTINEL, (("a", 26379), ("b", 2)), "my store", 3, tls=False),
        ),
        ("rediss+sentinel://a/store", Address(Kind.SENTINEL, (("a", 26379),), "store", 0, tls=True)),
    ],
)
def test_urls_are_read(url: str, wanted: Address) -> None:
    """Each form gives its hosts, database, name of the primary, and whether TLS is used."""
    assert is_redis(url)
    assert wanted == Address.parse(url)


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis:///1",
        "redis://a/b",
        "redis://a/1/2",
        "redis://a:port",
        "redis://a:99999",
        "redis://a?db=1",
        "redis+cluster://a/1",
        "redis+cluster://a,",
        "redis+sentinel://a",
        "redis+sentinel://a/store/x",
        "redis+nothing://a",
        "unix:///tmp/redis.sock",
        "redis://[::1",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    """The message has the accepted forms."""
    with pytest.raises(ConfigurationInvalid, match=r"redis\+cluster://HOST:PORT"):
        Address.parse(url)


def test_other_schemes_are_of_other_stores() -> None:
    """Only the schemes of Redis are taken for Redis."""
    assert [False] * 4 == [is_redis(url) for url in ("sqlite:///a", "http://redis", "redis", "redis+x://a")]
